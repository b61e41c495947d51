import Model

/// Containers that share the MAC of one of the host's links and have addresses of their own, as Docker's driver of that
/// name.
enum IpvlanDriver: NetworkDriver {
    static let name = "ipvlan"
    static let hasAddresses = true
    static let choosesGateway = false
    static let publishesPorts = false
    private static let prefix = "iv"

    static func parents(_ network: Network) -> [String] { network.ipvlan.parent.map { [$0] } ?? [] }

    static func isInternal(_ network: Network) -> Bool { network.internal || network.ipvlan.parent == nil }

    static func hasOwnMAC(_ network: Network) -> Bool { false }

    static func mtu(_ network: Network, _ facts: HostFacts) -> Int {
        parent(network, facts).mtu(facts) ?? facts.defaultMTU
    }

    /// Where packets are routed nobody is asked for a gateway's MAC: all that is sent goes to the parent.
    static func routesWithoutGateway(_ network: Network) -> Bool { network.ipvlan.mode != .l2 }

    static func linkKinds(_ network: Network, _ facts: HostFacts) -> [String] {
        if case .vlan = parent(network, facts) { [name, "vlan"] } else { [name] }
    }

    static func options(_ network: Network) -> [JSONValue.Member] {
        [
            .init("parent", .optional(network.ipvlan.parent)), .init("mode", .string(network.ipvlan.mode.rawValue)),
        ]
    }

    private static func parent(_ network: Network, _ facts: HostFacts) -> ParentLink {
        .of(network, named: network.ipvlan.parent, prefix: prefix, facts)
    }

    private static func parented(_ network: ResolvedNetwork, _ facts: HostFacts) -> ParentedNetwork {
        ParentedNetwork(
            network: network, kind: name, mode: network.network.ipvlan.mode.rawValue,
            parent: parent(network.network, facts), hasOwnMAC: false)
    }

    static func check(_ network: ResolvedNetwork, _ context: DriverContext) -> [Diagnostic] {
        parented(network, context.facts).warnings(context)
    }

    static func obstacles(
        _ network: ResolvedNetwork, _ facts: HostFacts, isMade: (ObjectID) -> Bool
    ) -> [Diagnostic] { parented(network, facts).obstacles(facts, isMade) }

    static func networkObjects(_ network: ResolvedNetwork, _ context: DriverContext) -> [KernelObject] {
        parented(network, context.facts).networkObjects(context)
    }

    static func endpointObjects(
        _ endpoint: Endpoint, _ network: ResolvedNetwork, _ context: DriverContext
    ) -> [KernelObject] { parented(network, context.facts).endpointObjects(endpoint, context) }

    static func recover(_ name: String, _ objects: [KernelObject], _ facts: HostFacts) -> Network? {
        guard let found = ParentedRecovery(name, kind: Self.name, prefix: prefix, objects, facts) else { return nil }
        var network = found.network
        network.ipvlan = IpvlanOptions(
            parent: found.parent, mode: found.mode.flatMap { IpvlanMode(rawValue: $0) } ?? .l2)
        if routesWithoutGateway(network) {
            for index in network.subnets.indices { network.subnets[index].gateway = nil }
            network.internal = found.parent != nil && !ParentedRecovery.hasDefaultRoute(Self.name, objects)
        }
        return network
    }
}
