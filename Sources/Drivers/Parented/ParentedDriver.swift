import Model

/// A driver whose networks are ``ParentedNetwork``s: it says how they are made of a manifest, and the rest follows.
protocol ParentedDriver: NetworkDriver {
    /// What the names of links begin with that stand in for a parent.
    static var prefix: String { get }
    /// The link that a manifest names for the network to sit on.
    static func parentName(_ network: Network) -> String?
    /// The kernel's word for how the containers reach each other.
    static func mode(_ network: Network) -> String
    /// Whether the parent can have no other such link.
    static func isAlone(_ network: Network) -> Bool
}

extension ParentedDriver {
    static var hasAddresses: Bool { true }
    static var choosesGateway: Bool { false }
    static var publishesPorts: Bool { false }

    static func isAlone(_ network: Network) -> Bool { false }

    static func parents(_ network: Network) -> [String] { parentName(network).map { [$0] } ?? [] }

    static func isInternal(_ network: Network) -> Bool { network.internal || parentName(network) == nil }

    static func mtu(_ network: Network, _ facts: HostFacts) -> (bytes: Int, of: String) {
        let parent = parent(network, facts)
        return parent.mtu(facts).map { ($0, parent.base) } ?? (facts.defaultMTU, facts.defaultLink)
    }

    static func linkKinds(_ network: Network, _ facts: HostFacts) -> [String] {
        if case .vlan = parent(network, facts) { [name, "vlan"] } else { [name] }
    }

    static func options(_ network: Network, _ facts: HostFacts) -> [JSONValue.Member] {
        [.init("parent", .optional(parentName(network))), .init("mode", .string(mode(network)))]
    }

    private static func parent(_ network: Network, _ facts: HostFacts) -> ParentLink {
        .of(network, named: parentName(network), prefix: prefix, facts)
    }

    private static func parented(_ network: ResolvedNetwork, _ facts: HostFacts) -> ParentedNetwork {
        ParentedNetwork(
            network: network, kind: name, mode: mode(network.network), parent: parent(network.network, facts),
            hasOwnMAC: hasOwnMAC(network.network), isAlone: isAlone(network.network))
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
}
