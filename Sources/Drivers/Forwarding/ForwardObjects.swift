import Model

/// What serves published ports on ::1, which the kernel cannot translate: one process, and one object a port.
enum ForwardObjects {
    /// The process. Every driver that has a forward says that it should exist; it is one all the same.
    static let forwarder = KernelObject(
        .forwarder, owner: .host("forwarder"), fields: [Field(.state, "running"), Field(.configuration, "loaded")])

    /// The forwards of those of an endpoint's ports that take in ::1, with the process that they hang on.
    ///
    /// They lead to the endpoint's IPv6 address where it has one, else to its IPv4 address: the forwarder speaks both.
    static func objects(_ endpoint: Endpoint, _ ports: [PublishedPort], _ facts: HostFacts) -> [KernelObject] {
        guard facts.hasIPv6Loopback, let address = endpoint.address(.ipv6) ?? endpoint.address(.ipv4) else { return [] }
        let source = endpoint.container.metadata.position(of: "ports")
        return objects(to: address, ports, owner: endpoint.container.id, source: source)
    }

    /// The forwards of those of some ports that take in ::1, to an address, with the process that they hang on.
    static func objects(
        to address: IPAddress, _ ports: [PublishedPort], owner: ResourceID, source: SourcePosition?
    ) -> [KernelObject] {
        let forwards = ports.filter(\.isForwarded).map { port in
            Forward(
                Forward.Key(port.host, port.transport), to: address, port: port.container, owner: owner)
        }
        guard !forwards.isEmpty else { return [] }
        return [forwarder]
            + forwards.map { forward in
                KernelObject(
                    forward.id, owner: owner,
                    fields: [Field(.target, .string(forward.target)), Field(.listening, true)], hangsOn: [.forwarder],
                    source: source)
            }
    }
}

extension PublishedPort {
    /// Bound to ::1 alone: then nothing else than the forwarder serves it.
    public var isLoopback6: Bool { address.map { $0.family == .ipv6 && $0.isLoopback } ?? false }

    /// Whether the forwarder has a part in it.
    var isForwarded: Bool { family == .ipv6 && (address == nil || isLoopback6) && transport != .sctp }
}

extension HostFacts {
    /// Adds the ports that are published on ::1 alone. A forward that goes with a port of all addresses is told by that.
    public mutating func add(_ forwards: [Forward]) {
        let loopback = IPAddress(family: .ipv6, bits: 1)
        for forward in forwards.sorted(by: { $0.key < $1.key }) {
            let (host, transport) = (forward.key.port, forward.key.transport)
            let holder = forward.owner.publisher
            let known = publishedPorts[holder] ?? []
            let isTold = known.contains {
                $0.host == host && $0.transport == transport && $0.family == .ipv6 && $0.address == nil
            }
            if isTold { continue }
            publishedPorts[holder, default: []].append(
                PublishedPort(
                    address: loopback, family: .ipv6, host: host, container: forward.port, transport: transport))
        }
    }
}

extension ResourceID {
    /// Under which name its published ports are among the facts.
    public var publisher: String { kind == .service ? ReplicaName(name, 0).text : name }
}
