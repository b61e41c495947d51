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

    /// What the networks need, and the services that have replicas on them.
    static func all(
        _ networks: [ResolvedNetwork], _ endpoints: [String: [Endpoint]], _ services: [ServiceBalance],
        _ names: NamePlan, _ facts: HostFacts
    ) -> [ForwardedFlow] {
        networks.flatMap { network in
            IPAddress.Family.allCases.flatMap { family -> [ForwardedFlow] in
                let serves = names.served[network.name]?.contains { $0.address.family == family } ?? false
                let published = services.filter { $0.networks.contains(network.name) }.flatMap(\.published)
                return flows(network, endpoints[network.name] ?? [], published, family, servesNames: serves, facts)
            }
        }
    }

    private static func flows(
        _ network: ResolvedNetwork, _ endpoints: [Endpoint], _ services: [PublishedPort],
        _ family: IPAddress.Family, servesNames: Bool, _ facts: HostFacts
    ) -> [ForwardedFlow] {
        guard let subnet = network.pool(family)?.prefix, !endpoints.isEmpty || !services.isEmpty else {
            return []
        }
        let options = network.network.bridge
        func inner(_ ports: [PublishedPort], _ isWanted: (IPAddress?) -> Bool) -> Set<UInt16> {
            Set(ports.filter { $0.family == family && !$0.isLoopback6 && isWanted($0.address) }.map(\.container))
        }
        let own = endpoints.flatMap(\.ports)
        let outer = inner(own) { $0?.isLoopback != true }
        let outerServices = inner(services) { $0?.isLoopback != true }
        let local = inner(own) { $0.map(\.isLoopback) ?? true }
        let localServices = inner(services) { $0.map(\.isLoopback) ?? true }
        let isRouted = options.gatewayMode[family] == .routed
        func flow(_ kind: Kind, isTranslated: Bool = false, _ ports: Set<UInt16> = []) -> ForwardedFlow {
            ForwardedFlow(
                kind: kind, network: network.name, bridge: BridgeNames.bridge(network.network), family: family,
                subnet: subnet, isTranslated: isTranslated, ports: ports)
        }
        var flows: [ForwardedFlow] = []
        // What is published by a service is translated also where the network is routed.
        let translated = isRouted ? outerServices : outer.union(outerServices)
        if isRouted, !outer.isEmpty { flows.append(flow(.inbound, outer)) }
        if !translated.isEmpty { flows.append(flow(.inbound, isTranslated: true, translated)) }
        if network.gateway(family) != nil, !endpoints.isEmpty { flows.append(flow(.outbound)) }
        let passes = family == .ipv4 ? facts.bridgedIPv4PassesFirewall : facts.bridgedIPv6PassesFirewall
        if options.icc, passes, endpoints.count > 1 { flows.append(flow(.within)) }
        let looped = isRouted ? localServices : local.union(localServices)
        if family == .ipv4, !looped.isEmpty { flows.append(flow(.local, isTranslated: true, looped)) }
        if servesNames { flows.append(flow(.names, [53])) }
        return flows
    }
}
