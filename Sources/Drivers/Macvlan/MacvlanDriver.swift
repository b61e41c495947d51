import Model

/// Containers with a MAC of their own on the segment of one of the host's links, as Docker's driver of that name.
enum MacvlanDriver: NetworkDriver {
    static let name = "macvlan"
    static let hasAddresses = true
    static let choosesGateway = false
    static let publishesPorts = false
    private static let prefix = "mv"

    static func parents(_ network: Network) -> [String] { network.macvlan.parent.map { [$0] } ?? [] }

    static func isInternal(_ network: Network) -> Bool { network.internal || network.macvlan.parent == nil }

    static func hasOwnMAC(_ network: Network) -> Bool { network.macvlan.mode != .passthru }

    static func mtu(_ network: Network, _ facts: HostFacts) -> Int {
        parent(network, facts).mtu(facts) ?? facts.defaultMTU
    }

    static func linkKinds(_ network: Network, _ facts: HostFacts) -> [String] {
        if case .vlan = parent(network, facts) { [name, "vlan"] } else { [name] }
    }

    static func options(_ network: Network) -> [JSONValue.Member] {
        [
            .init("parent", .optional(network.macvlan.parent)), .init("mode", .string(network.macvlan.mode.rawValue)),
        ]
    }

    private static func parent(_ network: Network, _ facts: HostFacts) -> ParentLink {
        .of(network, named: network.macvlan.parent, prefix: prefix, facts)
    }

    private static func parented(_ network: ResolvedNetwork, _ facts: HostFacts) -> ParentedNetwork {
        let mode = network.network.macvlan.mode
        return ParentedNetwork(
            network: network, kind: name, mode: mode.rawValue, parent: parent(network.network, facts),
            hasOwnMAC: hasOwnMAC(network.network), isAlone: mode == .passthru)
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
        let mode = found.mode.flatMap { MacvlanMode(rawValue: $0) } ?? .bridge
        network.macvlan = MacvlanOptions(parent: found.parent, mode: mode)
        return network
    }
}
