import Model

/// What a node has for endpoints on other nodes: how they are reached, and their names. Pure, and kept by the agent: when
/// an endpoint elsewhere comes, goes or changes nothing else has to be derived anew.
public struct RemoteShare: Sendable {
    /// What this node has on a network itself, and nobody else can have.
    private struct Own {
        var containers: Set<String> = []
        var addresses: Set<IPAddress> = []
        var macs: Set<MACAddress> = []
    }

    private let networks: [String: ResolvedNetwork]
    private let own: [String: Own]
    private let names: NamePlan

    /// `nil` where no network spans nodes.
    init?(_ networks: [String: ResolvedNetwork], _ endpoints: [String: [Endpoint]], _ names: NamePlan) {
        self.networks = networks.filter(\.value.spansNodes)
        guard !self.networks.isEmpty else { return nil }
        self.names = names
        var own: [String: Own] = [:]
        for network in self.networks.keys {
            for endpoint in endpoints[network] ?? [] {
                own[network, default: Own()].containers.insert(endpoint.container.metadata.name)
                own[network]?.addresses.formUnion(endpoint.addresses.map(\.address))
                own[network]?.macs.insert(endpoint.mac)
            }
        }
        self.own = own
    }

    /// What there should be for the endpoints of a network that changed, before and after; `nil` where more than that
    /// follows from them. Endpoints that share something with those are among them: of two that want the same only one
    /// gets it.
    public func objects(
        of change: FleetFacts.EndpointChange, before: FleetFacts, after: FleetFacts, _ facts: HostFacts
    ) -> (before: [KernelObject], after: [KernelObject])? {
        // What is on no network of this node concerns it no more than the rest of the world.
        guard let network = networks[change.network] else { return ([], []) }
        let changed = change.gone + change.new
        let own = own[change.network] ?? Own()
        let meets = changed.contains { endpoint in
            own.macs.contains(endpoint.mac) || endpoint.addresses.contains(where: own.addresses.contains)
                || endpoint.container.map(own.containers.contains) == true
        }
        guard !meets else { return nil }
        let kin = Kin(changed)
        // All that did not change is the same before and after: it is gone through once.
        let new = Set(change.new)
        let others = (after.remote[change.network] ?? []).filter { kin.contains($0) && !new.contains($0) }
        func objects(_ own: [FleetFacts.RemoteEndpoint], _ fleet: FleetFacts) -> [KernelObject] {
            let some = (others + own).sorted(by: FleetFacts.precedes)
            var facts = facts
            facts.fleet = fleet
            let driver = DriverRegistry.driver(named: network.network.driver)
            return (driver?.remoteObjects(some, network, facts) ?? []) + names.elsewhere(some, on: change.network)
        }
        return (objects(change.gone, before), objects(change.new, after))
    }

    /// What tells that two endpoints want the same.
    private struct Kin {
        private var containers: Set<String> = []
        private var addresses: Set<IPAddress> = []
        private var macs: Set<MACAddress> = []

        init(_ endpoints: [FleetFacts.RemoteEndpoint]) {
            for endpoint in endpoints {
                if let container = endpoint.container { containers.insert(container) }
                addresses.formUnion(endpoint.addresses)
                macs.insert(endpoint.mac)
            }
        }

        func contains(_ endpoint: FleetFacts.RemoteEndpoint) -> Bool {
            macs.contains(endpoint.mac) || endpoint.addresses.contains(where: addresses.contains)
                || endpoint.container.map(containers.contains) == true
        }
    }
}
