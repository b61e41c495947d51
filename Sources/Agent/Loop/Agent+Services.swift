import Containers
import Drivers
import Model
import Planning

/// What is known of the replicas of services at one moment.
struct ReplicaSight {
    /// The services, with the names of their replicas.
    let groups: [(service: Service, replicas: [String])]
    /// The replicas as they should be.
    let specification: (String) -> Container?
    /// As they were found.
    let found: [String: ObservedContainer]
    /// Their processes as they were found.
    let process: (String) -> KernelObject?

    init(_ look: Look) {
        groups = look.desired.replicaGroups
        let own = groups.isEmpty ? [] : look.desired.containers.filter { $0.id.service != nil }
        let containers = Dictionary(own.map { ($0.metadata.name, $0) }, uniquingKeysWith: { first, _ in first })
        specification = { containers[$0] }
        found = look.containers
        let objects = look.observation.objects
        process = { objects[.process($0)] }
    }

    init(_ knowledge: Knowledge) {
        groups = knowledge.groups
        specification = { knowledge.specifications[$0] }
        found = knowledge.containers
        process = { knowledge.observed(.process($0), in: .container($0)) }
    }
}

/// The agent's part in services: which replicas traffic is led to, and which are updated when.
extension Agent {
    /// How a replica stands; `nil` for one that is not to be.
    func rule(_ name: String, _ sight: ReplicaSight) -> ReadinessRule? {
        guard let container = sight.specification(name) else { return nil }
        let found = sight.found[name]
        let process = sight.process(name)
        return ReadinessRule(
            container: container, found: found,
            check: process.map { Healthcheck(of: $0) } ?? container.healthcheck,
            health: health.status(of: name, incarnation: found?.id.text),
            settling: max(ReadinessRule.settling, backoff.delay(name)))
    }

    /// The replicas from which traffic is to be kept: those that are known not to be well, and those that are being
    /// updated, until they are ready.
    func unready(_ sight: ReplicaSight) -> Set<String> {
        guard !sight.groups.isEmpty else { return [] }
        let now = Timestamp.now()
        var unready: Set<String> = []
        let leaving = fleet?.claims.leaving ?? []
        for name in sight.groups.lazy.flatMap(\.replicas) {
            guard let rule = rule(name, sight) else { continue }
            if let old = draining[name], old != rule.found?.id.text, rule.readiness(at: now) == .ready {
                draining[name] = nil
            }
            if draining[name] != nil || leaving.contains(name) || rule.isUnready(at: now) { unready.insert(name) }
        }
        return unready
    }

    /// Which of the replicas that a plan takes away have their turn. `isBegun`: nobody's who still gets traffic.
    private func rolling(_ plan: Plan, _ sight: ReplicaSight, isBegun: Bool) -> RollingUpdate {
        let now = Timestamp.now()
        // Only what takes replicas away has to know how those of other nodes stand.
        let isUpdate = !sight.groups.isEmpty && !RollingUpdate.disrupted(plan).isEmpty
        let groups = sight.groups.map { service, replicas in
            RollingUpdate.Group(
                service: service.id, maxUnavailable: service.update.maxUnavailable, replicas: replicas,
                turns: isUpdate ? fleet?.claims.turns(of: service, local: replicas)?.granted : nil)
        }
        return RollingUpdate(
            plan, groups, isHeld: { isBegun && !isDrained($0) },
            readiness: { rule($0, sight)?.readiness(at: now) ?? .away })
    }

    /// Begins the turn of those replicas that a plan takes away and that may go: traffic is led elsewhere first.
    func beginTurns(_ plan: Plan, _ sight: ReplicaSight) {
        guard !settings.detectOnly, !sight.groups.isEmpty else { return }
        for name in rolling(plan, sight, isBegun: false).turn {
            draining[name] = sight.found[name]?.id.text ?? ""
            drainingSince[name] = drainingSince[name] ?? .now
        }
        holdNew(sight)
    }

    /// As long as others are ready, here or on another node, new replicas get traffic once they are, too.
    private func holdNew(_ sight: ReplicaSight) {
        func isNew(_ name: String) -> Bool { sight.found[name] == nil && draining[name] == nil }
        guard sight.groups.contains(where: { $0.replicas.contains(where: isNew) }) else { return }
        let now = Timestamp.now()
        let elsewhere = (fleet?.facts().remote ?? [:]).values.joined()
        let served = Set(elsewhere.lazy.filter(\.isReady).compactMap(\.service))
        for (service, replicas) in sight.groups
        where served.contains(service.metadata.name)
            || replicas.contains(where: { rule($0, sight)?.readiness(at: now) == .ready })
        {
            for name in replicas where isNew(name) { draining[name] = "" }
        }
    }

    /// How long other nodes have to lead their traffic elsewhere before a replica is taken away.
    private static let drainTime = Duration.milliseconds(250)

    /// Whether nobody sends anything to a replica any more.
    private func isDrained(_ name: String) -> Bool {
        guard draining[name] != nil else { return false }
        guard fleet != nil, let since = drainingSince[name] else { return true }
        return ContinuousClock.now - since >= Self.drainTime
    }

    /// The objects of a plan whose turn has not come, and the replicas that they belong to.
    func waitingReplicas(
        _ plan: Plan, _ sight: ReplicaSight
    ) -> (objects: [ObjectID: String], replicas: Set<String>, turn: Set<String>) {
        guard !sight.groups.isEmpty else { return ([:], [], []) }
        let update = rolling(plan, sight, isBegun: true)
        var objects: [ObjectID: String] = [:]
        for change in plan.changes where update.postponed.contains(change.id) {
            objects[change.id] = change.resource.name
        }
        return (objects, Set(update.waiting.values.joined()), update.turn)
    }

    /// Whoever was to be taken away and was not gets traffic again.
    func endTurns() {
        let now = ContinuousClock.now
        draining = draining.filter { name, old in
            guard knowledge.groups.contains(where: { $0.replicas.contains(name) }) else { return false }
            // In a fleet its time to go comes only after others were told.
            let isWaitedFor = fleet != nil && drainingSince[name].map { now - $0 < Self.drainTime * 8 } == true
            return isWaitedFor || knowledge.containers[name]?.id.text != old
        }
        drainingSince = drainingSince.filter { draining[$0.key] != nil }
        let waiting = knowledge.outdated
        knowledge.pending = knowledge.pending.filter { waiting.contains($0.value) }
    }

    /// Leads traffic to the replicas that are ready now. Answers with the scopes in which that makes a difference.
    func balance() -> Set<Scope> {
        guard !knowledge.groups.isEmpty else { return [] }
        return knowledge.keepTraffic(from: unready(ReplicaSight(knowledge)))
    }

    /// What has changed about services since: other replicas are ready, others have their turn, or will have it when
    /// enough time has passed.
    func attendToServices() async {
        guard !knowledge.groups.isEmpty, !settings.detectOnly else {
            await fleet?.publisher.tell(unready: unreadyInFleet())
            return
        }
        dirt.scopes.formUnion(balance())
        if let fleet {
            await fleet.publisher.tell(unready: unreadyInFleet())
            fleet.claims.attend(turns: turnsNeeded())
        }
        servicesDue = nil
        let now = Timestamp.now()
        let sight = ReplicaSight(knowledge)
        for (service, replicas) in knowledge.groups {
            let waiting = replicas.filter(knowledge.outdated.contains)
            guard !waiting.isEmpty || replicas.contains(where: { draining[$0] != nil }) else { continue }
            let rules = replicas.compactMap { rule($0, sight) }
            let away = rules.count { $0.readiness(at: now) != .ready }
            let turns = fleet?.claims.turns(of: service, local: replicas)?.granted
            for name in waiting
            where away + (turns == nil ? 0 : turns?[name] ?? .max / 2) < service.update.maxUnavailable {
                if let since = drainingSince[name], !isDrained(name) {
                    servicesDue = min(servicesDue ?? since + Self.drainTime, since + Self.drainTime)
                } else {
                    dirt.scopes.insert(.container(name))
                }
            }
            for case let time? in rules.filter({ $0.readiness(at: now) == .pending }).map(\.settlesAt) {
                let until = ContinuousClock.now + .milliseconds(max(1, time - now))
                servicesDue = min(servicesDue ?? until, until)
            }
        }
    }

    /// The turns that updates of services need in the fleet.
    private func turnsNeeded() -> [FleetClaims.TurnNeed] {
        knowledge.groups.compactMap { service, replicas in
            let waiting = replicas.filter { knowledge.outdated.contains($0) && draining[$0] == nil }
            let held = Set(replicas.filter { knowledge.outdated.contains($0) || draining[$0] != nil })
            return FleetClaims.TurnNeed(service: service, local: replicas, waiting: waiting, held: held)
        }
    }
}
