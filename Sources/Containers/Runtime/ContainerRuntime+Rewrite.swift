import Model

extension ContainerRuntime {
    /// Notes a running container's new specification, and rewrites the files that it has mounted: in place, because a
    /// bind mount shows the file that was there when it was made.
    func rewrite(_ id: ContainerID, specification: String, hosts: String?, resolvConf: String?) throws(Diagnostic) {
        let directory = layout.container(id)
        if let hosts { try Files.write(hosts, to: directory + "/hosts", mode: 0o644) }
        if let resolvConf { try Files.write(resolvConf, to: directory + "/resolv.conf", mode: 0o644) }
        guard let bytes = Files.bytes(directory + "/record"), var record = ContainerRecord(bytes: bytes) else {
            throw Diagnostic(code: "update-failed", "container \(id.name) has no record of how it was started")
        }
        record.spec = specification
        try Files.writeAtomically(record.text, to: directory + "/record")
    }
}
