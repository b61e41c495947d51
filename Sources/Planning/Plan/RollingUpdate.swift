import Model

/// How a replica of a service stands.
public enum Readiness: Hashable, Sendable {
    /// It runs, and is healthy where that is asked for.
    case ready
    /// It runs, and it is not known yet whether it is well.
    case pending
    /// It does not run, or is unhealthy.
    case away
}

/// Which running replicas of services a plan may take away now, and which wait until others are back. Pure: it decides
/// by the plan and by how the replicas stand, so it goes on where it was after any interruption.
///
/// A replica is taken away where its process is replaced or deleted and it runs. One that is away already costs nothing,
/// so it is not waited for; where so many are away as may be, nobody else is touched. So an update whose new version
/// does not become ready stops by itself, and what runs of the old one goes on running.
public struct RollingUpdate: Sendable {
    /// What has to be known of a service.
    public struct Group: Hashable, Sendable {
        /// The service.
        public let service: ResourceID
        /// How many of its replicas may be away at once.
        public let maxUnavailable: Int
        /// Its replicas on this node, as containers, in their order.
        public let replicas: [String]
        /// In a fleet those of them that have a turn, each with how many replicas on other nodes are away; `nil` where
        /// there are none elsewhere.
        public let turns: [String: Int]?

        /// A group.
        public init(service: ResourceID, maxUnavailable: Int, replicas: [String], turns: [String: Int]? = nil) {
            self.service = service
            self.maxUnavailable = maxUnavailable
            self.replicas = replicas
            self.turns = turns
        }

        /// How many replicas elsewhere count where one is to be taken away; `nil` where it has no turn.
        func elsewhere(_ replica: String) -> Int? { turns == nil ? 0 : turns?[replica] }
    }

    /// The replicas whose turn it is, as containers: those of them that run are taken away by this plan.
    public private(set) var turn: Set<String> = []
    /// The replicas that wait, by their service.
    public private(set) var waiting: [ResourceID: [String]] = [:]
    /// The objects of those that wait.
    public private(set) var postponed: Set<ObjectID> = []

    /// Decides about a plan. Whoever is ready and `isHeld` stays where it is.
    public init(
        _ plan: Plan, _ groups: [Group], isHeld: (String) -> Bool = { _ in false },
        readiness: (String) -> Readiness
    ) {
        guard !groups.isEmpty else { return }
        let disrupted = Self.disrupted(plan)
        guard !disrupted.isEmpty else { return }
        for group in groups where group.replicas.contains(where: disrupted.contains) {
            let states = group.replicas.map { ($0, readiness($0)) }
            var free = group.maxUnavailable - states.count { $0.1 != .ready }
            for (replica, state) in states where disrupted.contains(replica) {
                if state == .away {
                    turn.insert(replica)
                } else if state == .ready, let elsewhere = group.elsewhere(replica), free > elsewhere, !isHeld(replica)
                {
                    free -= 1
                    turn.insert(replica)
                } else {
                    waiting[group.service, default: []].append(replica)
                }
            }
        }
        let held = Set(waiting.values.joined())
        guard !held.isEmpty else { return }
        for change in plan.changes where change.resource.kind == .container && held.contains(change.resource.name) {
            // An image is nobody's, whoever asked for it first; and what drifted is no part of the update.
            let isRepair = change.cause.kind == .drift && change.id.kind != .process
            if change.id.kind.isPruned, !isRepair { postponed.insert(change.id) }
        }
    }

    /// The replicas that a plan takes away, as containers: those whose process runs and is made anew.
    public static func disrupted(_ plan: Plan) -> Set<String> {
        var found: Set<String> = []
        for change in plan.changes where change.id.kind == .process && change.action == .replace {
            let state = change.before?.string(.state)
            if state == "exited" || state == "created" || change.resource.service == nil { continue }
            found.insert(change.resource.name)
        }
        return found
    }
}
