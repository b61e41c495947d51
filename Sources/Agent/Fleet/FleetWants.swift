import Drivers
import Fleet
import Model

/// What a node wants to hold in its fleet, and what it gives back: from what should be on it and what the fleet knows.
/// Pure, and settled when there is nothing to ask for: then a view gives no more wants.
struct FleetWants: Hashable, Sendable {
    /// The holder of a node's own addresses on overlay networks.
    static let ingress = "ingress"

    /// Networks that have no VNI yet, with those to choose from.
    private(set) var networks: [String: [UInt32]] = [:]
    /// What nobody holds yet, or what a dead node held for what runs here now.
    var requests: [ClaimRequest] = []
    /// What this node holds and needs no more.
    var releases: [ClaimKey] = []
    /// Replicas that this node holds and that are another's to run: held until they have ended here, so that no two nodes
    /// ever run one.
    private(set) var leaving: Set<ClaimKey> = []

    /// True where all is held that is wanted, and nothing else.
    var isEmpty: Bool { networks.isEmpty && requests.isEmpty && releases.isEmpty }

    /// The same without asking for replicas, or without giving anything back.
    func withholding(replicas: Bool, releases: Bool) -> FleetWants {
        var some = self
        if replicas { some.requests.removeAll { $0.key.container != nil } }
        if releases { some.releases = [] }
        return some
    }

    /// What the wants of a node follow from beside the fleet.
    struct Needs: Sendable {
        /// The networks that should be here.
        let networks: [String: ResolvedNetwork]
        /// The endpoints that should be here, by container.
        let endpoints: [String: [Endpoint]]
        /// The services of the manifests.
        let services: [Service]
        /// The names of the containers that are there.
        let containers: Set<String>
        /// Whether that is all that should be here: only then anything is given back.
        let isWhole: Bool
        /// Whether it was made so, as far as that is possible: before that nothing is given back.
        var isDone = true

        init(_ desired: DesiredState, services: [Service], containers: Set<String>, isWhole: Bool) {
            networks = desired.networks
            endpoints = desired.endpoints
            self.services = services
            self.containers = containers
            self.isWhole = isWhole
        }
    }

    /// Wants of a node that needs something.
    init(_ desired: Needs, _ view: FleetView) {
        var wanted = replicas(of: desired.services, view)
        for (name, network) in desired.networks.sorted(by: { $0.key < $1.key }) where network.spansNodes {
            if view.claims[.network(name)] == nil { networks[name] = OverlayNames.candidates(network.network) }
            for pool in network.pools {
                guard let key = ingressKey(network, pool, desired, view) else { continue }
                wanted.insert(key)
                request(key, Self.ingress, view)
            }
        }
        for (container, endpoints) in desired.endpoints.sorted(by: { $0.key < $1.key }) {
            for endpoint in endpoints where desired.networks[endpoint.attachment.network]?.spansNodes == true {
                for address in endpoint.addresses {
                    let key = ClaimKey.address(network: endpoint.attachment.network, address.address)
                    wanted.insert(key)
                    request(key, ResourceID.container(container).description, view)
                }
            }
        }
        if desired.isWhole { giveBack(wanted, desired, view) }
    }

    /// Asks for the replicas that this node should run, where nobody has them: whoever else has one gives it back first.
    private mutating func replicas(of services: [Service], _ view: FleetView) -> Set<ClaimKey> {
        var wanted: Set<ClaimKey> = []
        for (service, numbers) in Self.share(of: services, view) {
            for number in numbers {
                let key = ClaimKey.replica(service: service.metadata.name, number)
                wanted.insert(key)
                if view.claims[key] == nil { requests.append(ClaimRequest(key, holder: service.id.description)) }
            }
        }
        return wanted
    }

    /// The replicas that the node of a view should run, by their numbers. Each node comes to the same, from the same view.
    static func share(of services: [Service], _ view: FleetView) -> [(service: Service, numbers: [Int])] {
        var running: [String: [Int: String]] = [:]
        if !services.isEmpty {
            for claim in view.claims.replicas where view.nodes[claim.node] != nil {
                if case .replica(let service, let number) = claim.key {
                    running[service, default: [:]][number] = claim.node
                }
            }
        }
        return services.map { service in
            let name = service.metadata.name
            let able = view.nodes.values.filter { node in
                service.nodeSelector.allSatisfy { node.labels[$0.key] == $0.value }
            }
            let assigned = Placement.assign(
                service: name, replicas: service.replicas, nodes: able.map(\.name), current: running[name] ?? [:])
            return (service, assigned.filter { $0.value == view.node }.keys.sorted())
        }
    }

    private mutating func request(_ key: ClaimKey, _ holder: String, _ view: FleetView) {
        guard let claim = view.claims[key] else { return requests.append(ClaimRequest(key, holder: holder)) }
        if claim.node == view.node, claim.holder == holder { return }
        let isLeftBehind = claim.node == view.node || view.nodes[claim.node] == nil && claim.holder == holder
        if isLeftBehind { requests.append(ClaimRequest(key, holder: holder, replacing: claim)) }
    }

    private mutating func giveBack(
        _ wanted: Set<ClaimKey>, _ desired: Needs, _ view: FleetView
    ) {
        for (network, claims) in view.claims.addresses {
            for (address, claim) in claims where claim.node == view.node {
                let key = ClaimKey.address(network: network, address)
                guard !wanted.contains(key) else { continue }
                // A container that is to go and is still there has its address still.
                if let name = ResourceID(claim.holder)?.name, desired.containers.contains(name),
                    desired.endpoints[name] == nil
                {
                    continue
                }
                releases.append(key)
            }
        }
        for claim in view.claims.replicas where claim.node == view.node && !wanted.contains(claim.key) {
            guard let container = claim.key.container else { continue }
            leaving.insert(claim.key)
            if !desired.containers.contains(container) { releases.append(claim.key) }
        }
        releases.sort { $0.description < $1.description }
    }

    /// The address that this node has on a network, or should ask for: the first free one on a sequence that hashes its
    /// name.
    private func ingressKey(
        _ network: ResolvedNetwork, _ pool: ResolvedNetwork.Pool, _ desired: Needs, _ view: FleetView
    ) -> ClaimKey? {
        let claims = view.claims.addresses[network.name] ?? [:]
        let own = claims.first { address, claim in
            claim.node == view.node && claim.holder == Self.ingress && pool.range.contains(address)
        }
        if let own { return .address(network: network.name, own.key) }
        var used = Set(claims.keys).union(pool.keptBack)
        for endpoints in desired.endpoints.values {
            for endpoint in endpoints where endpoint.attachment.network == network.name {
                used.formUnion(endpoint.addresses.map(\.address))
            }
        }
        let count = pool.range.count
        let start = UInt128(StableHash.of("node/\(view.node)/\(network.name)")) % count
        for step in 0...min(UInt128(used.count), count - 1) {
            let candidate = pool.range.first.advanced(by: (start + step) % count)
            if !used.contains(candidate) { return .address(network: network.name, candidate) }
        }
        return nil
    }
}

extension ClaimKey {
    /// The container that a replica is; `nil` for what is no replica.
    var container: String? {
        guard case .replica(let service, let number) = self else { return nil }
        return ReplicaName(service, number).text
    }
}
