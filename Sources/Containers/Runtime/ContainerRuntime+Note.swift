import Model

extension ContainerRuntime {
    /// Notes the specification that a running container now meets.
    func note(_ id: ContainerID, specification: String) throws(Diagnostic) {
        let path = layout.container(id) + "/record"
        guard let bytes = Files.bytes(path), var record = ContainerRecord(bytes: bytes) else {
            throw Diagnostic(code: "update-failed", "container \(id.name) has no record of how it was started")
        }
        record.spec = specification
        try Files.writeAtomically(record.text, to: path)
    }
}
