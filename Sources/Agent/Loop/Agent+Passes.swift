import CLinux
import Containers
import Drivers
import LinuxHost
import Model
import Planning

/// The agent's passes: over everything, and over some scopes.
extension Agent {
    /// Looks at everything, and makes it so. Where only the manifests are new, what is known of the host is good enough
    /// to begin with: what comes of it is looked at all the same.
    func passOverAll(isHostKnown: Bool = false) async {
        log.beginPass()
        log.set(heard: nil)
        postponed = [:]
        do throws(Diagnostic) {
            var look: Look
            if isHostKnown, let sighting = try await catchUp() {
                look = engine.look(input, at: sighting)
            } else {
                look = try await lookAtAll()
            }
            for change in look.plan.changes where change.id.kind == .process && change.cause.kind == .drift {
                if let container = look.containers[change.id.name] { noteEnd(of: container) }
            }
            var input = input
            if let objection = objection(to: look) {
                tell([objection])
                input.prunes = false
                look = try await engine.look(input)
            } else {
                tell(look.plan.diagnostics)
            }
            var outcome = PassOutcome(remaining: ready(look.plan))
            report(look.plan, in: nil)
            if !settings.detectOnly {
                var last: Look? = nil
                var first: Round? = Round(look)
                first?.plan = ready(look.plan)
                look = .nothing
                outcome = try await engine.converge(input.resources.containers, from: first!, log) {
                    () async throws(Diagnostic) -> Round in
                    last = nil
                    let again = try await self.lookAtAll(input)
                    last = again
                    var round = Round(again)
                    round.plan = self.ready(again.plan)
                    return round
                }
                first = nil
                if let last { look = last } else { look = try await lookAtAll(input) }
                if outcome.rounds > 0 { engine.finish(look) } else { engine.noteExits(look) }
            }
            take(look, outcome, input)
            look = .nothing
            // A full look is some 20 KB a container, taken and given back in small pieces, which glibc would keep.
            malloc_trim(0)
        } catch {
            tell([error])
            retry.failed(at: .now)
        }
    }

    /// What is known of the host, with what was touched up to now; `nil` where nothing is.
    private func catchUp() async throws(Diagnostic) -> Sighting? {
        absorb(watch.take())
        guard !dirt.everything else { return nil }
        let scopes = dirt.scopes
        dirt.scopes = []
        if !scopes.isEmpty { try await engine.refresh(&knowledge, scopes) }
        return knowledge.sighting
    }

    /// What was heard up to now is seen by the look that follows.
    private func lookAtAll(_ input: PassInput? = nil) async throws(Diagnostic) -> Look {
        _ = watch.take()
        dirt = Dirt()
        return try await engine.look(input ?? self.input)
    }

    private func objection(to look: Look) -> Diagnostic? {
        guard !settings.allowsMassDelete, look.plan.summary.delete > 0 else { return nil }
        return DeletionGuard.check(look.plan, owned: look.owned, desired: look.desired.resources)
    }

    private func take(_ look: Look, _ outcome: PassOutcome, _ input: PassInput) {
        knowledge = Knowledge(look, input)
        surroundings = Surroundings(look.facts)
        sandboxes = engine.host.boundSandboxes()
        settle(outcome, in: nil)
        for name in look.containers.keys { if let container = knowledge.ended(name) { noteEnd(of: container) } }
        follow(containers: Set(look.containers.keys).union(knowledge.specifications.keys))
        if !settings.detectOnly { LastPass.note(outcome, input, engine.settings) }
    }

    /// Looks at some scopes, and makes them so.
    func repair(_ touched: Set<Scope>, heard: ContinuousClock.Instant) async {
        log.beginPass()
        log.set(heard: heard)
        do throws(Diagnostic) {
            try await engine.refresh(&knowledge, touched)
            noteEnds(in: touched)
            let bridges = knowledge.bridges(of: engine.plan(knowledge, touched), beyond: touched)
            if !bridges.isEmpty { try await engine.refresh(&knowledge, bridges) }
            let scopes = touched.union(bridges)
            let plan = engine.plan(knowledge, scopes)
            let changes = ready(plan)
            report(plan, in: scopes)
            if !settings.detectOnly, !changes.isEmpty {
                let outcome = try await engine.converge(
                    knowledge.specifications(in: scopes), from: engine.round(knowledge, scopes, changes), log
                ) { () async throws(Diagnostic) -> Round in
                    // What our own changes gave rise to is in the kernel's queue by now, and in the look that follows.
                    self.absorb(self.watch.take())
                    self.dirt.scopes.subtract(scopes)
                    try await self.engine.refresh(&self.knowledge, scopes)
                    let rest = self.engine.plan(self.knowledge, scopes)
                    return self.engine.round(self.knowledge, scopes, self.ready(rest))
                }
                settle(outcome, in: scopes)
                noteEnds(in: scopes)
            }
            let containers = Set(scopes.compactMap { if case .container(let name) = $0 { name } else { nil } })
            if !containers.isEmpty || scopes.contains(.forwarder) { follow(containers: containers) }
        } catch {
            tell([error])
            retry.failed(at: .now)
        }
    }

    /// Draws the conclusions of a pass: what fights us, and what has to be tried again.
    private func settle(_ outcome: PassOutcome, in scopes: Set<Scope>?) {
        let now = ContinuousClock.now
        for change in log.takeRepaired() where change.id.kind != .process {
            guard let field = contention.repaired(change, at: now) else { continue }
            log.note(
                .contended, "somebody keeps changing it: repaired ever more slowly", resource: change.resource,
                object: change.id.description, field: field, source: change.after?.source)
        }
        if !outcome.isConverged, !settings.detectOnly {
            retry.failed(at: now)
        } else if scopes == nil {
            retry.succeeded()
        }
    }

    /// The part of a plan whose turn has come. The rest is put off.
    func ready(_ plan: Plan) -> Plan {
        let now = ContinuousClock.now
        var waiting = contention.waiting(at: now)
        for change in plan.changes where waiting.contains(change.id) {
            putOff(Scope(of: change.object), until: contention.nextDeadline(after: now))
        }
        for change in plan.changes where change.id.kind == .process {
            guard let until = backoff.waiting(change.id.name, at: now), change.cause.kind == .drift else { continue }
            waiting.insert(change.id)
            putOff(.container(change.id.name), until: until)
        }
        return plan.postponing(waiting)
    }

    private func putOff(_ scope: Scope, until time: ContinuousClock.Instant?) {
        guard let time else { return }
        postponed[scope] = min(postponed[scope] ?? time, time)
    }

    private func noteEnds(in scopes: Set<Scope>) {
        for scope in scopes {
            if case .container(let name) = scope, let container = knowledge.ended(name) { noteEnd(of: container) }
        }
    }

    /// A container that ended and is to run again waits for its turn.
    private func noteEnd(of container: ObservedContainer) {
        guard container.state == .exited else { return }
        let uptime = container.exitedAt.map { Duration.milliseconds($0 - container.startedAt) }
        backoff.ended(container.name, incarnation: container.id.text, uptime: uptime, at: .now)
    }

    /// Tells of drift that is not repaired, once: where nothing is ever changed, and of resources that ask for it.
    private func report(_ plan: Plan, in scopes: Set<Scope>?) {
        let reported = settings.detectOnly ? plan.changes + plan.withheld : plan.withheld
        let drift = reported.filter { $0.cause.kind == .drift && !knowledge.suspended.contains($0.resource) }
        for change in told.new(settings.detectOnly ? reported : drift, in: scopes) { log.report(change) }
    }

    func tell(_ diagnostics: [Diagnostic]) {
        for diagnostic in told.new(diagnostics) { log.note(diagnostic) }
    }

    /// Tells the watch what is ours now.
    private func follow(containers: Set<String>) {
        watched = engine.host.watched(watched, containers: containers)
        watch.follow(watched)
        followHealth()
        var processes = knowledge.containers.compactMapValues { container in
            container.state == .running ? [container.process, container.conmon].compactMap { $0?.pid } : nil
        }
        processes[Self.forwarderName] = knowledge.forwarder?.pid.map { [$0] }
        watch.follow(processes: processes)
    }

    /// Looks at what tells cheaply whether something moved.
    func check() {
        compareSandboxes()
        lookAround()
        // Of some settings of links nobody is told, nor of a socket that was closed.
        dirt.scopes.formUnion(knowledge.desired.keys.filter { if case .link = $0 { true } else { false } })
        dirt.scopes.formUnion([.forwarder, .host, .firewall])
        if retry.deadline != nil { dirt.everything = true }
    }

    /// Looks at what is around us; where it changed, everything is derived anew.
    func lookAround() {
        dirt.cleanSurroundings()
        do throws(Diagnostic) {
            let (now, others) = try engine.host.surroundings()
            let isTaken = others.contains { knowledge.linkScopes[$0] != nil }
            if now != surroundings || isTaken { dirt.everything = true }
        } catch { tell([error]) }
    }
}
