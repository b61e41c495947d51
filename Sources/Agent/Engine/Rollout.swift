import Containers
import Drivers
import Model
import Planning

/// What a single pass does that has no agent beside it: it asks by itself how the replicas of services stand, and waits
/// until that is known.
struct Rollout {
    /// How often it looks whether a replica ended or an answer came.
    private static let step = Duration.milliseconds(50)

    private let engine: Engine
    private var monitor = HealthMonitor()
    private var runner: HealthRunner?
    /// Services whose update stopped.
    private(set) var stopped: Set<ResourceID> = []
    /// Why, for those who wait for the pass.
    private(set) var problems: [Diagnostic] = []
    /// The replicas that were made anew and have to become ready, by their service.
    private var turn: [ResourceID: [String]] = [:]
    private var states: [String: Readiness] = [:]

    init(_ engine: Engine) { self.engine = engine }

    /// True where a plan takes away replicas that run.
    static func isNeeded(_ look: Look) -> Bool {
        !look.desired.services.isEmpty && !RollingUpdate.disrupted(look.plan).isEmpty
    }

    /// The replicas from which traffic is to be kept.
    var unready: Set<String> { Set(states.filter { $0.value != .ready }.keys).union(turn.values.joined()) }

    /// Waits until it is known how all replicas of services stand that are being updated, and draws the conclusions. False
    /// where it was told to stop.
    mutating func settle(_ look: Look, _ reporter: any PassReporter) async -> Bool {
        let plan = look.plan
        let disrupted = RollingUpdate.disrupted(plan)
        let groups = look.desired.replicaGroups.filter { group in
            !stopped.contains(group.service.id)
                && (turn[group.service.id] != nil || group.replicas.contains(where: disrupted.contains))
        }
        let names = Set(groups.flatMap(\.replicas))
        for (service, replicas) in turn.sorted(by: { $0.key < $1.key }) { reporter.waits(for: replicas, of: service) }
        let containers = Dictionary(
            look.desired.containers.lazy.filter { names.contains($0.metadata.name) }.map { ($0.metadata.name, $0) },
            uniquingKeysWith: { first, _ in first })
        // What was just observed tells by which check a process is asked: its own, not the manifest's.
        let checks = containers.compactMapValues { container in
            look.observation.objects[.process(container.metadata.name)].flatMap { Healthcheck(of: $0) }
        }
        let deadline = ContinuousClock.now + Self.patience(Array(checks.values))
        repeat {
            states = await ask(containers, checks)
            if states.values.allSatisfy({ $0 != .pending }) { break }
            // No check goes on longer than that: then there is none that could be run.
            if ContinuousClock.now > deadline {
                states = states.mapValues { $0 == .pending ? .away : $0 }
                break
            }
            guard !reporter.shouldStop else { return false }
            try? await Task.sleep(for: Self.step)
        } while true
        for (service, replicas) in turn {
            let failed = replicas.filter { states[$0] != .ready }
            if !failed.isEmpty { stop(service, failed, look) }
        }
        turn = [:]
        return true
    }

    /// As long as checks may take until they have told how a replica is, and some more.
    private static func patience(_ checks: [Healthcheck]) -> Duration {
        let longest = checks.map { $0.startPeriod + ($0.interval + $0.timeout) * $0.retries }.max() ?? .zero
        return longest + ReadinessRule.settling + .seconds(10)
    }

    private mutating func stop(_ service: ResourceID, _ failed: [String], _ look: Look) {
        stopped.insert(service)
        let first = failed[0]
        let output = monitor.health[first]?.output.split(whereSeparator: \.isNewline).first.map(String.init)
        let metadata = look.desired.services.first { $0.id == service }?.metadata
        problems.append(
            Diagnostic(
                code: "update-stopped", "\(failed.joined(separator: ", ")) did not become ready: the update stops here",
                cause: output ?? "its process ended, or its health check fails",
                hint: "what runs of the other replicas goes on as it is: reconcile logs \(first)", resource: service,
                position: metadata?.position(of: "template")))
    }

    /// One look at all replicas; starts the checks that are due.
    private mutating func ask(
        _ containers: [String: Container], _ checks: [String: Healthcheck]
    ) async -> [String: Readiness] {
        let found = engine.observer.observe(named: Set(containers.keys)).filter { $0.state != .created }
        let current = Dictionary(
            found.map { ($0.name, $0) },
            uniquingKeysWith: { first, last in
                first.startedAt > last.startedAt ? first : last
            })
        let now = Timestamp.now()
        let subjects = current.values.compactMap { container -> HealthMonitor.Subject? in
            guard container.state == .running, let check = checks[container.name] else { return nil }
            return HealthMonitor.Subject(
                name: container.name, incarnation: container.id.text, check: check,
                uptime: container.uptime(at: now))
        }
        // Whoever runs already can be asked at once.
        let clock = ContinuousClock.now
        monitor.follow(subjects, at: clock - HealthMonitor.startInterval)
        if runner == nil, !subjects.isEmpty, let runtime = try? ContainerRuntime(layout: engine.layout) {
            runner = HealthRunner(runtime: runtime) {}
        }
        for result in runner?.take() ?? [] {
            _ = monitor.answered(result.name, incarnation: result.incarnation, result.answer, at: clock)
        }
        for due in monitor.takeDue(at: clock) { runner?.start(due.name, incarnation: due.incarnation, due.check) }
        return containers.mapValues { container in
            let name = container.metadata.name
            let rule = ReadinessRule(
                container: container, found: current[name], check: checks[name],
                health: monitor.status(of: name, incarnation: current[name]?.id.text))
            return rule.readiness(at: now)
        }
    }

    /// True where replicas were made anew or started that have to become ready.
    var isWaiting: Bool { !turn.isEmpty }

    /// What a plan may do now, by how the replicas stand.
    mutating func next(_ look: Look) -> RollingUpdate {
        let groups = look.desired.replicaGroups.map { service, replicas in
            RollingUpdate.Group(
                service: service.id, maxUnavailable: stopped.contains(service.id) ? 0 : service.update.maxUnavailable,
                replicas: replicas)
        }
        let update = RollingUpdate(look.plan, groups) { name in
            // Of a service that stopped nobody is taken away any more.
            ResourceID.container(name).service.map(stopped.contains) == true ? .pending : states[name] ?? .ready
        }
        for name in update.turn.sorted() {
            if let service = ResourceID.container(name).service { turn[service, default: []].append(name) }
        }
        for (service, replicas) in update.waiting where turn[service] == nil && !stopped.contains(service) {
            // Who is started by this plan has to be ready before anybody else goes.
            let started = look.plan.changes.filter {
                $0.id.kind == .process && $0.after != nil && $0.resource.service == service
                    && states[$0.resource.name] == .away
            }
            guard started.isEmpty else {
                turn[service] = started.map(\.resource.name)
                continue
            }
            // Where nobody may go and somebody waits, it will not get better by waiting.
            let away = states.filter { $0.value != .ready && ResourceID.container($0.key).service == service }.keys
            stop(service, away.isEmpty ? replicas : away.sorted(), look)
        }
        return update
    }
}

extension Engine {
    /// Carries out a plan that takes away replicas that run: so many at once as may be away, then the next ones once those
    /// are ready. All else goes along with the first.
    func roll(
        _ input: PassInput, from first: Look, reporter: any PassReporter
    ) async throws(Diagnostic) -> (PassOutcome, Look) {
        var input = input
        var look = first
        var rollout = Rollout(self)
        var whole = PassOutcome(remaining: look.plan)
        // Each turn takes one replica further at least, and the last one only looks.
        for _ in 0...look.desired.containers.count {
            guard await rollout.settle(look, reporter) else { break }
            let update = rollout.next(look)
            input.unready = rollout.unready
            if rollout.isWaiting || !rollout.unready.isEmpty || whole.rounds > 0 { look = try await self.look(input) }
            let postponed = update.postponed
            var batch = Round(look)
            batch.plan = look.plan.postponing(postponed)
            let again = input
            var last = look
            let outcome = try await converge(from: batch, reporter) { () async throws(Diagnostic) -> Round in
                last = try await self.look(again)
                var round = Round(last)
                round.plan = last.plan.postponing(postponed)
                return round
            }
            look = last
            whole.add(outcome)
            if !rollout.isWaiting || reporter.shouldStop { break }
        }
        whole.remaining = look.plan
        whole.stopped = rollout.problems
        return (whole, look)
    }
}
