import Containers
import Glibc
import LinuxHost
import Model
import Planning

/// Keeps a host as its manifests say: watches both, repairs what drifts, and tells.
///
/// It is the engine's one road, run on events. An event only says where to look: a scope of the host, or all of it.
/// One task runs it, so nothing here needs a lock.
public final class Agent {
    let engine: Engine
    let watch: KernelWatch
    let settings: AgentSettings
    let log: AgentLog
    private let source: any InputSource
    var input = PassInput.nothing
    var knowledge = Knowledge()
    var dirt = Dirt()
    var contention = Contention()
    var backoff = RestartBackoff()
    var watched = WatchedHost()
    var retry = Retry()
    var told = Told()
    var health = HealthMonitor()
    var runner: HealthRunner?
    var sandboxes: [String: UInt64] = [:]
    /// Replicas that are being updated, until they are ready, each with the incarnation that is taken away.
    var draining: [String: String] = [:]
    /// When the other nodes were told of them, in a fleet.
    var drainingSince: [String: ContinuousClock.Instant] = [:]
    /// The replicas that waited for their turn when all was looked at last.
    var outdated: Set<String> = []
    /// What of them waited, with the replica that it is of.
    var pending: [ObjectID: String] = [:]
    /// When replicas will have run long enough to count as ready.
    var servicesDue: ContinuousClock.Instant?
    /// The repair of names that is under way.
    var nameRepair: NameRepair?
    let isNamesDone = Flag()
    /// When the next one may begin.
    var namesDue = ContinuousClock.now
    /// Whether names are to be looked at again once it is over.
    var namesWait = false
    private var lastNote: AgentNote?
    var surroundings: Surroundings?
    /// The links of the host that the manifests' networks sit on.
    var parents: Set<String> = []
    let fleet: FleetMember?
    /// The branch that is followed; `nil` where the manifests come from elsewhere.
    let branch: GitInput?
    var rollout = RolloutPart()
    private let signals: SignalPipe
    private let manager: ServiceNotification?
    private var nextSign: ContinuousClock.Instant?
    private let clock = ContinuousClock()
    private var nextFullPass: ContinuousClock.Instant
    private var nextCheck: ContinuousClock.Instant
    private var hasInput = false
    private var isInputNew = false
    private var isFleetNew = false

    /// An agent of an engine's set. Throws where the kernel cannot be watched.
    public init(
        engine: Engine, source: any InputSource, settings: AgentSettings, signals: SignalPipe, log: AgentLog,
        manager: ServiceNotification? = nil, fleet: FleetMember? = nil
    ) throws(Diagnostic) {
        self.engine = engine
        self.source = source
        branch = source as? GitInput
        self.settings = settings
        self.signals = signals
        self.manager = manager
        self.fleet = fleet
        self.log = log
        watch = try KernelWatch(set: engine.settings.set)
        nextFullPass = clock.now + settings.fullPassInterval
        nextCheck = clock.now + settings.checkInterval
    }

    /// Runs until it is told to end (SIGTERM, SIGINT). Containers and networks are left running. The service manager is
    /// told that it is ready after the first pass, or without one where no manifests are known yet.
    public func run() async throws(Diagnostic) {
        try watch.add(signals.descriptor)
        for descriptor in source.descriptors { try watch.add(descriptor) }
        if let fleet {
            try watch.add(fleet.descriptor)
            fleet.start()
        }
        let watch = watch
        await source.start { watch.wake() }
        log.note(.started, "agent of set \(engine.settings.set)")
        var told: String?
        watch.wake()
        for await _ in watch.wakes {
            let received = signals.take()
            if received.contains(where: { $0 != SIGHUP }) { break }
            let isReload = received.contains(SIGHUP)
            if isReload { manager?.reloading() }
            await turn(isForced: isReload || !hasInput)
            await answerPreview()
            let status = hasInput ? "\(knowledge.resourceCount) resources at \(input.revision)" : "no manifests yet"
            if isReload || told == nil { manager?.ready(status) } else if status != told { manager?.status(status) }
            told = status
            signOfLife()
            watch.wake(at: nextDeadline())
        }
        manager?.stopping()
        await finishNames()
        engine.applied.flush()
        fleet?.stop()
        watch.stop()
        AgentNote.forget(engine.settings)
        log.note(.stopped, "what runs is left running")
    }

    /// Tells the service manager that the loop goes on, as often as it wants.
    private func signOfLife() {
        guard let manager, let interval = manager.watchdogInterval, nextSign.map({ $0 <= clock.now }) ?? true else {
            return
        }
        manager.alive()
        nextSign = clock.now + interval
    }

    /// One turn: everything that is due.
    private func turn(isForced: Bool) async {
        absorb(watch.take())
        await takeNames()
        if let update = await source.update(at: clock.now, isForced: isForced) {
            if let new = update.input {
                input = new
                hasInput = true
                log.set(revision: input.revision)
                isInputNew = true
            }
            log.write(update.events)
            update.diagnostics.forEach(log.note)
        }
        var hasFleetNews = false
        if let fleet {
            hasFleetNews = fleet.takeNews()
            if let problem = fleet.takeProblem() { log.note(problem) }
            await attendToRollout(fleet)
        }
        guard hasInput else { return }
        let now = clock.now
        for id in contention.settle(at: now) { log.note(.contended, "quiet again", object: id.description) }
        if isForced || nextFullPass <= now || retry.isDue(at: now) { dirt.everything = true }
        if nextCheck <= now {
            nextCheck = now + settings.checkInterval
            check()
        }
        if !dirt.everything, let due = dirt.surroundingsDue, due <= now { lookAround() }
        if let fleet, hasFleetNews, !isInputNew, !isFleetNew {
            isFleetNew = await !followFleet(fleet, heard: now)
        }
        if dirt.everything || isInputNew || isFleetNew {
            nextFullPass = now + settings.fullPassInterval
            await passOverAll(isHostKnown: !dirt.everything)
            isInputNew = false
            isFleetNew = false
            do throws(Diagnostic) { try source.finish() } catch { tell([error]) }
        } else {
            var scopes = dirt.scopes.union(overdue(at: now))
            dirt.scopes = []
            let hasNames = scopes.remove(.names) != nil
            if !scopes.isEmpty { await repair(scopes, heard: now) }
            if hasNames { beginNames(heard: now) }
        }
        attendToHealth(at: clock.now)
        await attendToServices()
        fleet?.claims.attend()
        writeNote()
    }

    /// Notes where the kernel's news says that one has to look.
    func absorb(_ news: KernelNews) {
        guard !news.isEmpty else { return }
        if news.isLost { dirt.everything = true }
        if news.firewallChanged { dirt.scopes.insert(.firewall) }
        if news.rulesChanged { dirt.touchSurroundings(at: clock.now) }
        if news.hostChanged {
            dirt.touchSurroundings(at: clock.now)
            dirt.scopes.insert(.host)
        }
        for name in news.ended {
            dirt.scopes.insert(Self.ownScopes[name] ?? knowledge.scope(of: .container(name)))
        }
        if news.mountsChanged { compareSandboxes() }
        for index in news.tunnels { dirt.scopes.insert(knowledge.scope(of: engine.host.place(ofTunnel: index))) }
        for notice in news.notices {
            let scope = knowledge.scope(of: engine.host.place(of: notice))
            if scope == .host {
                dirt.scopes.insert(.host)
                dirt.touchSurroundings(at: clock.now)
            } else if !dirt.scopes.contains(scope),
                engine.host.meaning(of: notice, knowledge.observed[scope] ?? Observation()) == .news
            {
                dirt.scopes.insert(scope)
            }
        }
    }

    /// What the forwarder's process is followed under: no container can have this name.
    static let forwarderName = "[::1]"
    /// What the servers of names are followed under.
    static let namesName = "[dns]"
    private static let ownScopes: [String: Scope] = [forwarderName: .forwarder, namesName: .names]

    /// A mount that came or went may have been a sandbox's.
    func compareSandboxes() {
        let bound = engine.host.boundSandboxes()
        for name in Set(bound.keys).union(sandboxes.keys) where bound[name] != sandboxes[name] {
            dirt.scopes.insert(.container(name))
        }
        sandboxes = bound
    }

    /// The scopes of which a repair was put off until now.
    private func overdue(at now: ContinuousClock.Instant) -> Set<Scope> {
        let due = postponed.filter { $0.value <= now }.keys
        defer { for scope in due { postponed[scope] = nil } }
        return Set(due)
    }

    /// Scopes whose repair was put off, and until when.
    var postponed: [Scope: ContinuousClock.Instant] = [:]

    private func nextDeadline() -> ContinuousClock.Instant? {
        // More came while this turn was under way.
        if dirt.everything || !dirt.scopes.isEmpty { return clock.now }
        let times = [
            nextFullPass, nextCheck, source.nextDeadline, dirt.surroundingsDue, postponed.values.min(),
            contention.nextDeadline(after: clock.now), retry.deadline, health.nextDeadline, nextSign, servicesDue,
            rollout.due,
        ]
        return times.compactMap { $0 }.min()
    }

    /// Lets others know what only the agent can tell, where it changed.
    private func writeNote() {
        let now = clock.now
        var note = AgentNote()
        note.process = getpid()
        note.manifests = input.paths.first.map(WorkingDirectory.absolute) ?? ""
        note.detectsOnly = settings.detectOnly
        note.allowsMassDelete = settings.allowsMassDelete
        note.contended = contention.contended.sorted { $0.key < $1.key }.map { id, dispute in
            AgentNote.Contended(resource: dispute.resource, object: id.description, field: dispute.field)
        }
        note.waiting = backoff.waiting(at: now).mapValues { until in
            let (seconds, attoseconds) = now.duration(to: until).components
            return Timestamp.now() + seconds * 1000 + attoseconds / 1_000_000_000_000_000
        }
        note.health = health.health
        note.unready = knowledge.unready
        note.nodeLabels = engine.nodeLabels
        note.branch = branch?.standing
        note.fleet = fleet?.standing
        note.rollout = rollout.standing
        // A wait that goes on is no news, though it is measured anew each time.
        guard lastNote.map({ !note.tellsTheSame(as: $0) }) ?? true else { return }
        lastNote = note
        note.write(engine.settings)
    }
}
