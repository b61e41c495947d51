import Model

/// A container from the fields that its process was started by: the way back of ``Fields``.
enum ContainerRecovery {
    /// The container without its networks and ports; `nil` where the fields do not tell it.
    /// `names` are what is served of its names.
    static func container(
        _ name: String, _ process: KernelObject, names: [KernelObject], _ facts: HostFacts
    ) -> Container? {
        guard let image = process.string(.image).flatMap(image) else { return nil }
        var container = Container(metadata: Metadata(name: name), image: image, networks: [])
        let sandbox = process.string(.sandbox).map { SandboxName.container($0) } ?? name
        if let sandbox {
            if sandbox != name, sandbox != SandboxName.lost { container.networks = [Attachment(container: sandbox)] }
        } else {
            container.networks = [Attachment(network: HostDriver.name)]
        }
        container.command = process.list("command")
        container.args = process.list("args")
        container.environment = texts(process, "environment.")
        container.mounts = (process.list("mounts") ?? []).compactMap(mount)
        container.user = process.string("user")
        container.workingDir = process.string("workingDir")
        container.hostname = process.string("hostname")
        container.readOnly = process.bool("readOnly") ?? false
        container.`init` = process.bool("init") ?? false
        container.sysctls = texts(process, "sysctls.")
        container.ulimits = texts(process, "ulimits.").compactMapValues(ulimit)
        container.stopSignal = process.string("stopSignal")
        if let grace = process.int(.stopGracePeriod) { container.stopGracePeriod = .milliseconds(grace) }
        container.capabilities = Capabilities(
            add: process.list("capabilities.add") ?? [], drop: process.list("capabilities.drop") ?? [])
        container.resources = Resources(
            memory: process.int(.memory).map(Int64.init), milliCPUs: process.int(.cpus), pids: process.int(.pids))
        container.restart = process.string(.restart).flatMap { RestartPolicy(rawValue: $0) } ?? .always
        container.healthcheck = Healthcheck(of: process)
        if let lines = process.list(.resolver) { container.dns = resolver(lines, names, facts.resolver) }
        if container.sandboxOf != nil {
            // Both are the other container's.
            container.hostname = nil
            container.dns = DNSOptions()
        }
        return container
    }

    /// ``ImageSource/text`` read back.
    private static func image(_ text: String) -> ImageSource? {
        func rest(_ prefix: String) -> Substring? { text.hasPrefix(prefix) ? text.dropFirst(prefix.count) : nil }
        if let directory = rest("rootfs:") { return .rootfs(directory: String(directory)) }
        if let path = rest("docker-archive:") { return .dockerArchive(path: String(path)) }
        guard let layout = rest("oci:") else { return text.isEmpty ? nil : .registry(text) }
        // A colon before a slash belongs to the directory.
        guard let colon = layout.lastIndex(of: ":"), !layout[colon...].contains("/") else {
            return .oci(directory: String(layout), tag: nil)
        }
        return .oci(directory: String(layout[..<colon]), tag: String(layout[layout.index(after: colon)...]))
    }

    private static func texts(_ process: KernelObject, _ prefix: String) -> [String: String] {
        var texts: [String: String] = [:]
        for field in process.fields where field.name.description.hasPrefix(prefix) {
            texts[String(field.name.description.dropFirst(prefix.count))] = process.string(field.name)
        }
        return texts
    }

    /// `SOURCE:TARGET[:ro][:size=BYTES]`, both paths absolute; `tmpfs` stands for the source of one.
    private static func mount(_ text: String) -> Mount? {
        var rest = text[...]
        var size: Int64?
        if let start = rest.lastIndex(of: ":"), rest[start...].hasPrefix(":size=") {
            size = Int64(rest[start...].dropFirst(6))
            rest = rest[..<start]
        }
        let readOnly = rest.hasSuffix(":ro")
        if readOnly { rest = rest.dropLast(3) }
        guard let colon = rest.firstRange(of: ":/")?.lowerBound else { return nil }
        let source = String(rest[..<colon])
        let isTmpfs = source == Mount.Kind.tmpfs.rawValue
        return Mount(
            kind: isTmpfs ? .tmpfs : .bind, source: isTmpfs ? nil : source,
            target: String(rest[rest.index(after: colon)...]), readOnly: readOnly, size: size)
    }

    private static func ulimit(_ text: String) -> Ulimit? {
        let numbers = text.split(separator: ":").compactMap { UInt64($0) }
        return numbers.first.map { Ulimit(soft: $0, hard: numbers[numbers.count - 1]) }
    }

    /// The lines of resolv.conf(5), less what is the host's anyway, and what serves names.
    private static func resolver(_ lines: [String], _ names: [KernelObject], _ host: DNSOptions) -> DNSOptions {
        func words(_ name: String) -> [String] {
            lines.filter { $0.hasPrefix(name + " ") }
                .flatMap { $0.dropFirst(name.count + 1).split(separator: " ").map(String.init) }
        }
        var servers = words("nameserver").compactMap { IPAddress($0) }
        let search = words("search")
        var options = words("options")
        // One that has a server on its own loopback asks that, and nobody is asked for it.
        if !names.isEmpty, !servers.contains(where: \.isLoopback) {
            servers = (names.first?.list(.servers) ?? []).compactMap { IPAddress($0) }
                .filter { !NameServer.isNowhere($0) }
            if !search.isEmpty, options.last == "ndots:0", options != host.options { options.removeLast() }
        }
        return DNSOptions(
            servers: servers == host.servers ? [] : servers, search: search == host.search ? [] : search,
            options: options == host.options ? [] : options)
    }
}
