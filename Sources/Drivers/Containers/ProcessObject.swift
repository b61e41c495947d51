import Model

/// A container's process tree as an object: everything of the manifest that its start depends on, field by field.
///
/// Only what differs from a default becomes a field. So a later version that knows more fields finds nothing to
/// change in a process that an earlier one started.
enum ProcessObject {
    static func process(
        _ container: Container, endpoints: [Endpoint], after: [ObjectID], usesHostNamespace: Bool,
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
        fields.add(.sandbox, .string(usesHostNamespace ? "host" : name), "networks")
        fields.addOptions()
        if !usesHostNamespace {
            fields.add(.hosts, .list(hosts(container, endpoints)), "networks")
            fields.add(.resolver, .list(resolver(container, endpoints, context)), "dns")
        }
        let state = RestartRule.desiredState(container, context.facts.processes[name])
        fields.add(.state, .string(state), "restart")
        return KernelObject(
            .process(name), owner: container.id, fields: fields.fields,
            hangsOn: usesHostNamespace ? [] : [.sandbox(name)],
            after: after, source: container.metadata.position,
            fieldSources: fields.sources)
    }

    /// True for a job that ended before the host was booted, and whose restart policy lets it rest.
    static func hasFinished(_ container: Container, _ process: KernelObject, _ facts: HostFacts) -> Bool {
        let name = container.metadata.name
        guard container.restart != .always, facts.processes[name] == nil, let exit = facts.exits[name],
            isSame(exit.specification, container, process, facts)
        else { return false }
        return container.restart == .never || exit.code == 0
    }

    /// Whether a process was started by the same specification. Records of before names were served hold the lines of
    /// /etc/resolv.conf of then.
    private static func isSame(
        _ specification: String, _ container: Container, _ process: KernelObject, _ facts: HostFacts
    ) -> Bool {
        guard specification.hasPrefix("v1:") else { return specification == FieldCoding.hash(process.fields) }
        let plain = Field(.resolver, .list(plainResolver(container, facts).lines))
        return specification == FieldCoding.firstHash(process.fields.map { $0.name == .resolver ? plain : $0 })
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
        var resolver = plainResolver(container, context.facts)
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

    /// The container's where it has any, else the host's.
    private static func plainResolver(_ container: Container, _ facts: HostFacts) -> DNSOptions {
        DNSOptions(
            servers: container.dns.servers.isEmpty ? facts.resolver.servers : container.dns.servers,
            search: container.dns.search.isEmpty ? facts.resolver.search : container.dns.search,
            options: container.dns.options.isEmpty ? facts.resolver.options : container.dns.options)
    }
}

extension DNSOptions {
    /// The lines of resolv.conf(5).
    fileprivate var lines: [String] {
        servers.map { "nameserver \($0)" }
            + (search.isEmpty ? [] : ["search \(search.joined(separator: " "))"])
            + (options.isEmpty ? [] : ["options \(options.joined(separator: " "))"])
    }
}
