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
        let exits = knowledge.revision.isEmpty ? engine.exits.records() : knowledge.exits
        defer { engine.host.endPass() }
        await finishNames()
        log.beginPass()
        log.set(heard: nil)
        postponed = [:]
        do throws(Diagnostic) {
            var look: Look
            var input = input
            input.unready = unready(ReplicaSight(knowledge))
            if isHostKnown, let sighting = try await catchUp() {
                look = await engine.look(input, at: sighting)
            } else {
                look = try await lookAtAll(input)
            }
            if let objection = objection(to: look) {
                tell([objection])
                input.prunes = false
                look = try await engine.look(input)
            } else {
                tell(look.plan.diagnostics)
            }
            look = try await leadTraffic(look, &input)
            await beginInFleet(look, input)
            var outcome = PassOutcome(remaining: ready(look))
            report(look.plan, in: nil, suspended: look.suspended)
            if !settings.detectOnly {
                // What is known of the host says nothing of them.
                if !isHostKnown { await removeLeftovers(look.containers) }
                var last: Look? = nil
                var first: Round? = Round(look)
                first?.plan = outcome.remaining
                look = .nothing
                outcome = try await engine.converge(from: first!, log) {
                    () async throws(Diagnostic) -> Round in
                    last = nil
                    let again = try await self.lookAtAll(input)
                    last = again
                    var round = Round(again)
                    round.plan = self.ready(again)
                    return round
                }
                first = nil
                if let last {
                    look = last
                } else {
                    look = try await lookAtAll(input)
                    outcome.remaining = ready(look)
                }
                if outcome.rounds > 0 || engine.applied.isBehind { engine.finish(look) } else { engine.noteExits(look) }
            }
            take(look, outcome, input)
            tellOfEnds(since: exits)
            await tellFleet(look, outcome, input)
            look = .nothing
            // A full look is some 20 KB a container, taken and given back in small pieces, which glibc would keep.
            malloc_trim(0)
        } catch {
            tell([error])
            await fleet?.publisher.failed(error)
            retry.failed(at: .now)
        }
    }

    /// Where replicas are to be taken away, traffic is led elsewhere first.
    private func leadTraffic(_ look: Look, _ input: inout PassInput) async throws(Diagnostic) -> Look {
        guard !settings.detectOnly, !look.desired.services.isEmpty else { return look }
        let sight = ReplicaSight(look)
        beginTurns(look.plan, sight)
        await fleet?.publisher.tell(unready: unreadyInFleet())
        let unready = unready(sight)
        guard unready != look.facts.unready else { return look }
        input.unready = unready
        return try await lookAtAll(input)
    }

    /// What is known of the host, with what was touched up to now; `nil` where nothing is.
    private func catchUp() async throws(Diagnostic) -> Sighting? {
        absorb(watch.take())
        guard !dirt.everything, knowledge.forwarder != nil else { return nil }
        // Nobody is told that a process was stopped, and giving it new work would wake it: then that were never told.
        let scopes = dirt.scopes.union([.forwarder, .names])
        dirt.scopes = []
        try await engine.refresh(&knowledge, scopes)
        return knowledge.sighting
    }

    /// What was heard up to now is seen by the look that follows.
    private func lookAtAll(_ input: PassInput? = nil) async throws(Diagnostic) -> Look {
        _ = watch.take()
        dirt = Dirt()
        return try await engine.look(input ?? self.input)
    }

    /// Ends what an agent that was killed left half-done. Until the first check of health, no helper is of this one.
    private func removeLeftovers(_ known: [String: ObservedContainer]) async {
        for problem in await engine.removeLeftovers(known, helpers: runner == nil) { log.note(problem) }
    }

    private func objection(to look: Look) -> Diagnostic? {
        guard !settings.allowsMassDelete, look.plan.summary.delete > 0 else { return nil }
        return DeletionGuard.check(look.plan, owned: look.owned, desired: look.desired.resources)
    }

    private func take(_ look: Look, _ outcome: PassOutcome, _ input: PassInput) {
        knowledge = Knowledge(look, input, exits: engine.exits.records())
        knowledge.owe(outcome.remaining)
        knowledge.outdated = outdated
        knowledge.pending = pending
        endTurns()
        parents = DriverRegistry.parents(input.resources.networks)
        surroundings = Surroundings(look.facts, parents: parents, flows: look.desired.flows)
        sandboxes = engine.host.boundSandboxes()
        settle(outcome, in: nil)
        follow(containers: Set(look.containers.keys).union(knowledge.specifications.keys))
        if !settings.detectOnly { LastPass.note(outcome, input, engine.settings) }
    }

    /// Looks at some scopes, and makes them so.
    func repair(_ touched: Set<Scope>, heard: ContinuousClock.Instant) async {
        // What was opened inside sandboxes would keep them alive after their containers.
        defer { engine.host.endPass() }
        log.beginPass()
        log.set(heard: heard)
        let exits = knowledge.exits
        do throws(Diagnostic) {
            try await engine.refresh(&knowledge, touched)
            let bridges = knowledge.bridges(of: engine.plan(knowledge, touched), beyond: touched)
            if !bridges.isEmpty { try await engine.refresh(&knowledge, bridges) }
            var scopes = touched.union(bridges)
            var plan = engine.plan(knowledge, scopes)
            beginTurns(plan, ReplicaSight(knowledge))
            await fleet?.publisher.tell(unready: unreadyInFleet())
            let balanced = balance()
            if !balanced.isEmpty {
                if balanced.contains(.names) { await finishNames() }
                let more = balanced.subtracting(scopes)
                if !more.isEmpty { try await engine.refresh(&knowledge, more) }
                scopes.formUnion(balanced)
                plan = engine.plan(knowledge, scopes)
            }
            // Links that sit on another one go with it: whether that is there tells only a look around.
            if plan.changes.contains(where: { $0.after?[.parent] != nil && $0.action != .update }) {
                lookAround()
                if dirt.everything { return }
            }
            let changes = ready(plan, knowledge)
            report(plan, in: scopes, suspended: knowledge.suspended)
            if !settings.detectOnly, !changes.isEmpty {
                let outcome = try await engine.converge(
                    from: engine.round(knowledge, scopes, changes), log
                ) { () async throws(Diagnostic) -> Round in
                    // What our own changes gave rise to is in the kernel's queue by now, and in the look that follows.
                    self.absorb(self.watch.take())
                    self.dirt.scopes.subtract(scopes)
                    try await self.engine.refresh(&self.knowledge, scopes)
                    let rest = self.engine.plan(self.knowledge, scopes)
                    return self.engine.round(self.knowledge, scopes, self.ready(rest, self.knowledge))
                }
                settle(outcome, in: scopes)
            }
            knowledge.forgetShift(in: scopes)
            endTurns()
            tellOfEnds(since: exits)
            let containers = knowledge.containerNames(in: scopes)
            if !settings.detectOnly, knowledge.exits != exits { engine.exits.write(knowledge.exits) }
            if !containers.isEmpty || scopes.contains(.forwarder) || scopes.contains(.names) {
                follow(containers: containers)
            }
        } catch {
            tell([error])
            retry.failed(at: .now)
        }
    }

    /// Tells of drift that is not repaired, once: where nothing is ever changed, and of resources that ask for it.
    func report(_ plan: Plan, in scopes: Set<Scope>?, suspended: Set<ResourceID>) {
        let reported = settings.detectOnly ? plan.changes + plan.withheld : plan.withheld
        let drift = reported.filter { $0.cause.kind == .drift && !suspended.contains($0.resource) }
        for change in told.new(settings.detectOnly ? reported : drift, in: scopes) { log.report(change) }
    }

    /// Tells of containers that ended and rest, once.
    private func tellOfEnds(since before: [String: ExitRecord]) {
        for (name, record) in knowledge.exits.sorted(by: { $0.key < $1.key }) where before[name] != record {
            let isOutOfMemory = knowledge.containers[name]?.isOutOfMemory ?? false
            log.note(
                name, ProcessEnd(exitCode: record.code, isOutOfMemory: isOutOfMemory),
                source: knowledge.specifications[name]?.metadata.position)
        }
    }

    func tell(_ diagnostics: [Diagnostic]) {
        for diagnostic in told.new(diagnostics, at: .now) { log.note(diagnostic) }
    }

    /// Tells the watch what is ours now.
    func follow(containers: Set<String>) {
        watched = engine.host.watched(watched, containers: containers)
        watch.follow(watched)
        followHealth()
        var processes = knowledge.containers.compactMapValues { container in
            container.state == .running ? [container.process, container.conmon].compactMap { $0?.pid } : nil
        }
        processes[Self.forwarderName] = knowledge.forwarder?.pid.map { [$0] }
        processes[Self.namesName] = knowledge.names.flatMap { $0.pids.isEmpty ? nil : $0.pids }
        watch.follow(processes: processes)
    }

    /// Looks at what tells cheaply whether something moved.
    func check() {
        compareSandboxes()
        lookAround()
        // Of some settings of links nobody is told, nor of a socket that was closed.
        dirt.scopes.formUnion(knowledge.desired.keys.filter { if case .link = $0 { true } else { false } })
        dirt.scopes.formUnion([.forwarder, .names, .host, .firewall])
        if retry.deadline != nil { dirt.everything = true }
    }

    /// Looks at what is around us; where it changed, everything is derived anew.
    func lookAround() {
        dirt.cleanSurroundings()
        do throws(Diagnostic) {
            let (now, others, ours) = try engine.host.surroundings(parents: parents, flows: knowledge.flows)
            let isTaken = others.contains { knowledge.linkScopes[$0] != nil }
            // Of a mark on a link that is down nobody is told.
            let strays = ours.map { Scope.link($0) }.filter {
                knowledge.observed[$0] == nil && knowledge.desired[$0] == nil
            }
            dirt.scopes.formUnion(strays)
            if now != surroundings || isTaken || engine.canServeOtherNames(than: knowledge.derivedFrom) {
                dirt.everything = true
            }
        } catch { tell([error]) }
    }
}
