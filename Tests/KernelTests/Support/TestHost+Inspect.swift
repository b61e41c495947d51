import Model

/// What the host and the binary under test tell of containers.
extension TestHost {
    /// What `inspect` says of a container or network.
    func inspect(_ resource: String) throws -> JSONValue {
        let result = try reconcile("inspect", resource)
        guard result.isSuccess else { throw Failure("\(result)") }
        return try JSONValue(parsing: Array(result.output.utf8))
    }

    /// The main process of a running container.
    func pid(_ container: String) throws -> Int32 {
        let json = try inspect("container/\(container)")
        guard json["state"]?.string == "running", let pid = json["pid"]?.int else {
            throw Failure("container \(container) does not run: \(json.text())")
        }
        return Int32(pid)
    }

    /// The forwarder of ::1; `nil` where there is none.
    func forwarder() throws -> Int32? {
        let groups = cgroups.filter { $0.hasSuffix("/forwarder") }
        let found = Set(groups.flatMap { Files.read($0 + "/cgroup.procs").lines.compactMap { Int32($0) } })
        guard found.count <= 1 else { throw Failure("several forwarders: \(found)") }
        return found.first
    }

    /// The process that started a process: for a container's, its conmon.
    func parent(of pid: Int32) throws -> Int32 {
        let line = Files.read("/proc/\(pid)/status").lines.first { $0.hasPrefix("PPid:") }
        guard let parent = line.flatMap({ Int32($0.dropFirst(5).filter(\.isNumber)) }), parent > 1,
            Files.read("/proc/\(parent)/comm").trimmed == "conmon"
        else { throw Failure("process \(pid) has no conmon") }
        return parent
    }

    /// The first address of a container.
    func address(_ container: String, _ family: String = "ipv4", network: String? = nil) throws -> String {
        let endpoints = try inspect("container/\(container)")["endpoints"]?.array ?? []
        let endpoint = endpoints.first { network == nil || $0["network"]?.string == network }
        guard let text = endpoint?[family]?.string else { throw Failure("no \(family) in \(endpoints)") }
        return String(text.prefix { $0 != "/" })
    }

    /// The host's end of a container's link.
    func veth(_ container: String) throws -> String {
        let links = try sh("ip -o link show type veth").lines.filter { $0.contains(" container/\(container) ") }
        let aliased = try sh("ip -d -o link show").lines.first { $0.contains("container/\(container) network/") }
        guard let line = links.first ?? aliased, let name = line.split(separator: " ").dropFirst().first else {
            throw Failure("no link of container \(container)")
        }
        return String(name.prefix { $0 != "@" && $0 != ":" })
    }

    /// Whether something is mounted below a directory, inside this host.
    func isMounted(below path: String) -> Bool {
        Files.read("/proc/\(holderPID)/mounts").contains(" \(path)/")
    }
}
