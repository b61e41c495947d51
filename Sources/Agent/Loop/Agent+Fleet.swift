import Fleet
import LinuxHost
import Model
import Planning

/// The agent's part in a fleet.
extension Agent {
    /// As many objects are looked at one by one; beyond that their scope is read as a whole.
    private static let singleLimit = 1024

    /// Asks the fleet for what a pass needs, and tells it of this node, before anything is changed.
    func beginInFleet(_ look: Look, _ input: PassInput) async {
        await fleet?.begins(look, input, unready: unreadyInFleet())
    }

    /// Asks the fleet for what the manifests need, and tells it what became of them.
    func tellFleet(_ look: Look, _ outcome: PassOutcome, _ input: PassInput) async {
        guard let fleet else { return }
        let problem = outcome.problem
        rollout.passed(outcome, problem, input)
        // What drifted while the pass was under way is repaired next, and is not told of then.
        let isReady = outcome.isConverged || outcome.isOnlyNewDrift(since: [])
        await fleet.passed(
            look, input, health: isReady ? .ready : problem == nil ? .reconciling : .failed,
            message: isReady ? nil : problem?.message,
            unready: unreadyInFleet())
    }

    /// What is told of as not ready: containers whose checks fail, that are not there or ended and are not to rest, and
    /// replicas from which traffic is to be kept.
    func unreadyInFleet() -> Set<String> {
        let unhealthy = health.health.filter { $0.value.status == .unhealthy }.map(\.key)
        let absent = knowledge.specifications.values.lazy.filter { [knowledge] container in
            let name = container.metadata.name
            guard let found = knowledge.containers[name] else { return knowledge.exits[name] == nil }
            return found.state != .running && !found.rests(as: container)
        }.map(\.metadata.name)
        return knowledge.unready.union(unhealthy).union(absent).union(draining.keys)
    }

    /// Follows what the fleet says now; false where all has to be derived anew. What one endpoint elsewhere needs in the
    /// kernel is made at once and by itself, whatever else there is: the rest of it is left to a repair of its scopes.
    func followFleet(_ fleet: FleetMember, heard: ContinuousClock.Instant) async -> Bool {
        guard !settings.detectOnly, !dirt.everything else { return false }
        let facts = fleet.facts()
        guard let shifts = knowledge.follow(facts) else { return false }
        fleet.followed(facts)
        var entries: [ObjectID: (scope: Scope, object: KernelObject?)] = [:]
        for (scope, changes) in shifts {
            let single = changes.filter { LinuxHost.singleKinds.contains($0.key.kind) }
            if single.count < changes.count || single.count > Self.singleLimit { dirt.scopes.insert(scope) }
            if single.count <= Self.singleLimit { for (id, object) in single { entries[id] = (scope, object) } }
        }
        if !entries.isEmpty { await repair(entries, heard: heard) }
        return true
    }

    /// Makes single objects as they should be now.
    private func repair(
        _ entries: [ObjectID: (scope: Scope, object: KernelObject?)], heard: ContinuousClock.Instant
    ) async {
        log.beginPass()
        log.set(heard: heard)
        let scopes = entries.mapValues(\.scope)
        let desired = entries.values.compactMap(\.object).sorted { $0.id.title < $1.id.title }
        func look() throws(Diagnostic) -> Round? {
            guard let found = try engine.host.observe(entries: entries.keys) else { return nil }
            knowledge.refresh(entries: scopes, found)
            let plan = ready(engine.plan(RepairTerms(knowledge), desired, found), knowledge)
            return Round(plan: plan, owned: Set(desired.compactMap(\.owner)), containers: [:], specifications: [])
        }
        do throws(Diagnostic) {
            guard let first = try look() else { return dirt.scopes.formUnion(scopes.values) }
            guard !first.plan.changes.isEmpty else { return }
            let outcome = try await engine.converge(from: first, log) { () async throws(Diagnostic) -> Round in
                guard let round = try look() else {
                    throw Diagnostic(code: "no-such-link", "a link that the fleet needs is gone")
                }
                return round
            }
            settle(outcome, in: Set(scopes.values))
            if outcome.isConverged { knowledge.forgetShift(of: scopes.keys) }
        } catch {
            tell([error])
            dirt.scopes.formUnion(scopes.values)
            retry.failed(at: .now)
        }
    }
}
