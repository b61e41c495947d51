import Model

/// A further process in a container (`exec`), from the one that the container was started with.
struct ExecProcess: Hashable, Sendable {
    var command: [String]
    var terminal = false
    var user: String?
    var directory: String?
    var environment: [String: String] = [:]

    /// The `process` object of the runtime-spec. `base` is the container's own.
    func document(base: JSONValue, passwd: String, group: String) throws(Diagnostic) -> JSONValue {
        var members = (base.members ?? []).filter { !["args", "terminal"].contains($0.name) }
        func replace(_ name: String, _ value: JSONValue) {
            members.removeAll { $0.name == name }
            members.append(.init(name, value))
        }
        replace("args", .strings(command))
        replace("terminal", .bool(terminal))
        if let directory { replace("cwd", .string(directory)) }
        if !environment.isEmpty {
            let old = (base["env"]?.array ?? []).compactMap { $0.string }.filter { variable in
                !environment.keys.contains { variable.hasPrefix($0 + "=") }
            }
            let new = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            replace("env", .strings(old + new))
        }
        if let user {
            let found = try ContainerUser(user, passwd: passwd, group: group)
            replace("user", found.document)
            let bounding = base["capabilities"]?["bounding"] ?? .array([])
            replace("capabilities", OCIBundle.capabilities(bounding, user: found))
        }
        return .object(members)
    }
}
