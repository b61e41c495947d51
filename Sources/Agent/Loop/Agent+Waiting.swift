import Containers
import Model
import Planning

/// What the agent does not do at once: what fights it, what failed, and containers that just ended.
extension Agent {
    /// Draws the conclusions of a pass: what fights us, and what has to be tried again.
    func settle(_ outcome: PassOutcome, in scopes: Set<Scope>?, log: AgentLog? = nil) {
        let now = ContinuousClock.now
        let log = log ?? self.log
        let repaired = log.takeRepaired()
        for change in repaired where change.id.kind != .process {
            guard let field = contention.repaired(change, at: now) else { continue }
            log.note(
                .contended, "somebody keeps changing it: repaired ever more slowly", resource: change.resource,
                object: change.id.description, field: field, source: change.after?.source)
        }
        let isDone = outcome.isConverged || settings.detectOnly
        if !isDone, outcome.isOnlyNewDrift(since: repaired) {
            // It came while the pass was under way, and is no reason to wait.
            dirt.scopes.formUnion(outcome.remaining.changes.map { Scope(of: $0.object) })
        } else if !isDone, outcome.hasReleased || outcome.isOvertaken {
            // What the pass waited for was there before its end, or the fleet said otherwise: nothing will tell of that again.
            dirt.everything = true
        } else if !isDone {
            retry.failed(at: now)
        } else if scopes == nil {
            retry.succeeded()
        }
    }

    /// The part of a look's plan whose turn has come.
    func ready(_ look: Look) -> Plan {
        let rolling = waitingReplicas(look.plan, ReplicaSight(look))
        outdated = rolling.replicas
        pending = rolling.objects
        return ready(look.plan, look.containers, beside: Set(rolling.objects.keys))
    }

    /// The part of a plan of what is known whose turn has come.
    func ready(_ plan: Plan, _ knowledge: Knowledge) -> Plan {
        let rolling = waitingReplicas(plan, ReplicaSight(knowledge))
        self.knowledge.outdated.formUnion(rolling.replicas)
        self.knowledge.outdated.subtract(rolling.turn)
        self.knowledge.pending.merge(rolling.objects) { first, _ in first }
        return ready(plan, knowledge.containers, beside: Set(rolling.objects.keys))
    }

    /// The part of a plan whose turn has come. The rest is put off. `containers` are those that the plan was made from.
    private func ready(
        _ plan: Plan, _ containers: [String: ObservedContainer], beside others: Set<ObjectID>
    ) -> Plan {
        let now = ContinuousClock.now
        var waiting = contention.waiting(at: now).union(others)
        for change in plan.changes where waiting.contains(change.id) {
            putOff(Scope(of: change.object), until: contention.nextDeadline(after: now))
        }
        // What is wanted anew has not ended yet, whatever became of what was there.
        for change in plan.changes
        where change.id.kind == .process && change.cause.kind != .drift && !waiting.contains(change.id) {
            backoff.forget(change.id.name)
        }
        for change in plan.changes where change.id.kind == .process && change.cause.kind == .drift {
            if let container = containers[change.id.name] { noteEnd(container, at: now) }
            guard let until = backoff.waiting(change.id.name, at: now) else { continue }
            waiting.insert(change.id)
            putOff(Scope(of: change.object), until: until)
        }
        return plan.postponing(waiting)
    }

    func putOff(_ scope: Scope, until time: ContinuousClock.Instant?) {
        guard let time else { return }
        postponed[scope] = min(postponed[scope] ?? time, time)
    }

    /// A container that ended and is to run again waits for its turn, from its end on.
    private func noteEnd(_ container: ObservedContainer, at now: ContinuousClock.Instant) {
        guard container.state == .exited else { return }
        let uptime = container.exitedAt.map { Duration.milliseconds($0 - container.startedAt) }
        let age = container.exitedAt.map { Duration.milliseconds(max(0, Timestamp.now() - $0)) } ?? .zero
        backoff.ended(container.name, incarnation: container.id.text, uptime: uptime, at: now - age)
    }
}
