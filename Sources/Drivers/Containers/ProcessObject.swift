import Model

/// A container's process tree as an object: everything of the manifest that its start depends on, field by field.
///
/// Only what differs from a default becomes a field. So a later version that knows more fields finds nothing to
/// change in a process that an earlier one started.
enum ProcessObject {
    static func process(
        _ container: Container, endpoints: [Endpoint], after: [ObjectID], sandbox: String?, _ context: DriverContext
    ) -> KernelObject {
        process(
            container, after: after, sandbox: sandbox,
            hosts: sandbox.map { _ in hosts(container, endpoints) } ?? [],
            resolver: sandbox.map { _ in resolver(container, endpoints, context) } ?? [], context)
    }

    /// One that runs in the sandbox of another container, whose names it takes over: /etc/hosts, /etc/resolv.conf and the
    /// host name, as Docker has it.
    static func guest(
        _ container: Container, of host: Container, endpoints: [Endpoint], after: [ObjectID], _ context: DriverContext
    ) -> KernelObject {
        var container = container
        container.hostname = host.hostname ?? host.metadata.name
        return process(
            container, after: after, sandbox: host.metadata.name, hosts: hosts(host, endpoints),
            resolver: resolver(host, endpoints, context), context)
    }

    private static func process(
        _ container: Container, after: [ObjectID], sandbox: String?, hosts: [String], resolver: [String],
        _ context: DriverContext
    ) -> KernelObject {
        let name = container.metadata.name
        var fields = Fields(container: container)
        fields.add(.image, .string(container.image.text), "image")
        if let digest = context.facts.images[container.image.text] {
            fields.add(.digest, .string(digest), "image")
        } else {
            fields.add(.digest, .unknown("after pull"), "image")
        }
        fields.add(.sandbox, .string(SandboxName.text(sandbox)), "networks")
        fields.addOptions()
        if sandbox != nil {
            fields.add(.hosts, .list(hosts), "networks")
            fields.add(.resolver, .list(resolver), "dns")
        }
        let state = RestartRule.desiredState(container, context.facts.processes[name])
        fields.add(.state, .string(state), "restart")
        return KernelObject(
            .process(name), owner: container.id, fields: fields.fields,
            hangsOn: sandbox.map { [.sandbox($0)] } ?? [],
            after: after, source: container.metadata.position,
            fieldSources: fields.sources)
    }

    /// True for a job that ended before the host was booted, and whose restart policy lets it rest.
    static func hasFinished(_ container: Container, _ process: KernelObject, _ facts: HostFacts) -> Bool {
        let name = container.metadata.name
        return facts.processes[name] == nil
            && RestartRule.rests(container, process, facts.exits[name], resolver: facts.resolver)
    }

    /// The lines of /etc/hosts: the loopback names, then the container's own.
    private static func hosts(_ container: Container, _ endpoints: [Endpoint]) -> [String] {
        let hostname = container.hostname ?? container.metadata.name
        let names = hostname == container.metadata.name ? hostname : "\(hostname) \(container.metadata.name)"
        return ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
            + endpoints.flatMap { $0.addresses.map { "\($0.address) \(names)" } }
    }

    /// The lines of /etc/resolv.conf. Where names are served that is asked, and it asks the container's own servers or
    /// the host's. A container that has a server on its own loopback asks that: nobody else could.
    private static func resolver(
        _ container: Container, _ endpoints: [Endpoint], _ context: DriverContext
    ) -> [String] {
        var resolver = container.dns.completed(by: context.facts.resolver)
        let servers = context.names.servers(of: endpoints)
        guard !servers.isEmpty, !container.dns.servers.contains(where: \.isLoopback) else { return resolver.lines }
        resolver.servers = servers
        // What is searched outside is of no use where nothing outside answers.
        if container.dns.search.isEmpty, context.names.isInside(endpoints) { resolver.search = [] }
        // A container's name comes before the same name in the host's domain, as in Docker.
        if !resolver.search.isEmpty, !resolver.options.contains(where: { $0.hasPrefix("ndots:") }) {
            resolver.options.append("ndots:0")
        }
        return resolver.lines
    }
}

extension DNSOptions {
    /// A container's own where it has any, else the host's.
    func completed(by host: DNSOptions) -> DNSOptions {
        DNSOptions(
            servers: servers.isEmpty ? host.servers : servers, search: search.isEmpty ? host.search : search,
            options: options.isEmpty ? host.options : options)
    }

    /// The lines of resolv.conf(5).
    var lines: [String] {
        servers.map { "nameserver \($0)" }
            + (search.isEmpty ? [] : ["search \(search.joined(separator: " "))"])
            + (options.isEmpty ? [] : ["options \(options.joined(separator: " "))"])
    }
}
