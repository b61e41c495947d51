import Model

/// Packets of a kind that must pass the host for a network to work as its manifest says.
public struct ForwardedFlow: Hashable, Sendable {
    /// Between whom.
    public enum Kind: Int, Hashable, Sendable, CaseIterable {
        /// From outside to published ports.
        case inbound
        /// From containers to the outside.
        case outbound
        /// Between containers of the network, where bridged packets pass the firewall.
        case within
        /// From the host's processes to ports published at 127.0.0.1.
        case local
        /// From containers to the host's server of names: UDP port 53.
        case names

        /// Where such packets meet the rules of others.
        var hook: HostFirewall.Hook {
            switch self {
            case .inbound, .outbound, .within: .forward
            case .local: .output
            case .names: .input
            }
        }
    }

    /// Between whom.
    public let kind: Kind
    /// The network's name.
    public let network: String
    /// Its bridge.
    public let bridge: String
    /// The family.
    public let family: IPAddress.Family
    /// The network's subnet in that family.
    public let subnet: IPPrefix
    /// The destination was translated by a published port.
    public let isTranslated: Bool
    /// The containers' ports that it goes to; empty for any.
    public let ports: Set<UInt16>

    /// What the networks need.
    static func all(
        _ networks: [ResolvedNetwork], _ endpoints: [String: [Endpoint]], _ names: NamePlan, _ facts: HostFacts
    ) -> [ForwardedFlow] {
        networks.flatMap { network in
            IPAddress.Family.allCases.flatMap { family -> [ForwardedFlow] in
                let serves = names.served[network.name]?.contains { $0.address.family == family } ?? false
                return flows(network, endpoints[network.name] ?? [], family, servesNames: serves, facts)
            }
        }
    }

    private static func flows(
        _ network: ResolvedNetwork, _ endpoints: [Endpoint], _ family: IPAddress.Family, servesNames: Bool,
        _ facts: HostFacts
    ) -> [ForwardedFlow] {
        guard let subnet = network.pool(family)?.prefix, !endpoints.isEmpty else { return [] }
        let options = network.network.bridge
        var outer: Set<UInt16> = []
        var local: Set<UInt16> = []
        for endpoint in endpoints {
            for port in endpoint.ports where port.family == family && !port.isLoopback6 {
                if port.address?.isLoopback != true { outer.insert(port.container) }
                if port.address.map(\.isLoopback) ?? true { local.insert(port.container) }
            }
        }
        let isRouted = options.gatewayMode[family] == .routed
        func flow(_ kind: Kind, isTranslated: Bool = false, _ ports: Set<UInt16> = []) -> ForwardedFlow {
            ForwardedFlow(
                kind: kind, network: network.name, bridge: BridgeNames.bridge(network.network), family: family,
                subnet: subnet, isTranslated: isTranslated, ports: ports)
        }
        var flows: [ForwardedFlow] = []
        if !outer.isEmpty { flows.append(flow(.inbound, isTranslated: !isRouted, outer)) }
        if network.gateway(family) != nil { flows.append(flow(.outbound)) }
        let passes = family == .ipv4 ? facts.bridgedIPv4PassesFirewall : facts.bridgedIPv6PassesFirewall
        if options.icc, passes, endpoints.count > 1 { flows.append(flow(.within)) }
        if family == .ipv4, !isRouted, !local.isEmpty { flows.append(flow(.local, isTranslated: true, local)) }
        if servesNames { flows.append(flow(.names, [53])) }
        return flows
    }
}
