import Fleet
import Model

/// What the fleet says about an update of a service: how many of its replicas on other nodes are away, and which of this
/// node's have a turn. Pure.
///
/// There are as many turns as replicas may be away, each a claim: so two nodes that begin at the same moment never take
/// away more than that. A turn is kept until its replica is ready again; the lease ends it where its node dies. Of two
/// that see each other the later one counts the earlier one's replica as away.
struct FleetTurns {
    private let service: Service
    private let local: Set<String>
    private let turns: [Int: Claim]
    private let node: String
    /// Replicas elsewhere that are known not to be ready.
    private let unready: Set<String>
    private let elsewhere: Set<String>

    /// `local` are the names of the replicas on this node.
    init(_ service: Service, local: [String], _ view: FleetView) {
        self.service = service
        self.local = Set(local)
        node = view.node
        let name = service.metadata.name
        turns = view.claims.updates(of: name)
        let all = service.replicas == 0 ? [] : (1...service.replicas).map { ReplicaName(name, $0).text }
        elsewhere = Set(all).subtracting(local)
        // Of replicas that are on no network of the fleet nobody tells how they are.
        let networks = Set(service.template.networks.map(\.network)).filter { view.claims[.network($0)] != nil }
        guard !networks.isEmpty else {
            unready = []
            return
        }
        var ready: Set<String> = []
        for network in networks {
            for entry in (view.endpoints[network] ?? [:]).values
            where entry.isHealthy && entry.node != view.node && elsewhere.contains(entry.container) {
                if view.nodes[entry.node] != nil { ready.insert(entry.container) }
            }
        }
        unready = elsewhere.subtracting(ready)
    }

    /// The replicas of this node that have a turn, each with how many of the others elsewhere are away.
    var granted: [String: Int] {
        var granted: [String: Int] = [:]
        for turn in turns.values where turn.node == node {
            guard let replica = Self.replica(turn), local.contains(replica) else { continue }
            granted[replica] = away(before: turn.revision)
        }
        return granted
    }

    /// How many replicas elsewhere are away, or have a turn that is older than a revision.
    private func away(before revision: Int64) -> Int {
        let others = turns.values.filter { $0.node != node && $0.revision < revision }.compactMap(Self.replica)
        return unready.union(elsewhere.intersection(others)).count
    }

    /// What this node is to ask for and to give back where some of its replicas want to be updated, the first ones first.
    /// `held` are those whose turn is not over yet.
    func wants(_ waiting: [String], held: Set<String>) -> (requests: [ClaimRequest], releases: [ClaimKey]) {
        let own = turns.filter { $0.value.node == node }
        let releases = own.values.filter { turn in
            Self.replica(turn).map { !held.contains($0) && !waiting.contains($0) } ?? true
        }.map(\.key)
        let having = Set(own.values.compactMap(Self.replica))
        let limit = max(0, service.update.maxUnavailable)
        let free = limit == 0 ? [] : (1...limit).filter { turns[$0] == nil }
        let requests = zip(free, waiting.filter { !having.contains($0) }).map { number, replica in
            ClaimRequest(
                .update(service: service.metadata.name, number), holder: ResourceID.container(replica).description)
        }
        return (requests, releases.sorted { $0.description < $1.description })
    }

    private static func replica(_ turn: Claim) -> String? {
        ResourceID(turn.holder).flatMap { $0.kind == .container ? $0.name : nil }
    }
}
