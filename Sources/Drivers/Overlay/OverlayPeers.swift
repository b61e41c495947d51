import Model

/// What of the fleet concerns one overlay network on this node.
struct OverlayPeers {
    /// The address that this node's tunnels start and end at; `nil` where it has no peers.
    let local: IPAddress?
    /// This node's own addresses on the network, with the subnets' lengths.
    let ingress: [IPPrefix]
    /// The endpoints on other live nodes that tunnels lead to, and where.
    private(set) var remote: [(endpoint: FleetFacts.RemoteEndpoint, tunnel: IPAddress)] = []

    init(_ network: ResolvedNetwork, _ facts: HostFacts) {
        self.init(facts.fleet?.remote[network.name] ?? [], network, facts)
    }

    /// What concerns some of the endpoints elsewhere.
    init(_ endpoints: [FleetFacts.RemoteEndpoint], _ network: ResolvedNetwork, _ facts: HostFacts) {
        let fleet = facts.fleet
        let tunnels = Dictionary((fleet?.nodes ?? []).map { ($0.name, $0.tunnel) }, uniquingKeysWith: { $1 })
        let own = facts.tunnel
        local = own
        ingress = (fleet?.ingress[network.name] ?? []).compactMap { address in
            network.pool(address.family).map { IPPrefix(address, length: $0.prefix.length) }
        }.sorted { $0.family < $1.family }
        guard let own, let fleet else { return }
        var macs: Set<MACAddress> = []
        for endpoint in endpoints where endpoint.node != fleet.node {
            guard let tunnel = tunnels[endpoint.node], tunnel.family == own.family else { continue }
            if macs.insert(endpoint.mac).inserted { remote.append((endpoint, tunnel)) }
        }
    }

    /// Other live nodes that no tunnel of this one can lead to, since theirs end at an address of the other family.
    static func unreachable(_ facts: HostFacts) -> [FleetFacts.Node] {
        guard let fleet = facts.fleet, let own = facts.tunnel else { return [] }
        return fleet.nodes.filter { $0.tunnel.family != own.family }
    }
}
