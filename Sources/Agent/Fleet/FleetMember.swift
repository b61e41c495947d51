import Drivers
import Fleet
import Model
import Synchronization

/// This host as a member of its fleet: what drivers may know of the others, and what the others are told of it.
///
/// Nothing here is waited for: facts are those known just now, claims are asked for beside the agent's loop, and what
/// comes of them is news like any other.
public final class FleetMember: Sendable {
    let session: FleetSession
    /// Writes what this node does about the rollout.
    let rollout: RolloutWriter
    /// Plans that other members ask for.
    let previews: PreviewQueue
    private let settings: EngineSettings
    private let options: FleetOptions
    private let known = Mutex<Known>(Known())
    private let wishes: AsyncStream<FleetWants>
    private let wish: AsyncStream<FleetWants>.Continuation
    private let tasks = Mutex<[Task<Void, Never>]>([])

    private struct Known {
        /// The facts of a view, and of which revision of it.
        var facts: FleetFacts?
        var revision: Int64 = -1
        /// Where the manifests of the last pass are.
        var root: String?
        /// The facts of the last pass.
        var passed: FleetFacts?
        /// What was asked for last, what that followed from, and by which revision.
        var wants: FleetWants?
        var needs: FleetWants.Needs?
        var turns: [TurnNeed] = []
        var attended: Int64 = -1
        /// What was told of this node last.
        var publication: FleetPublication?
        var settling = FleetSettling()
        var draining = FleetDraining()
        /// Some time is over that a pass was put off for.
        var isDue = false
        var problem: Diagnostic?
        /// What was told of it.
        var told: Diagnostic?
    }

    /// Which replicas of a service want to be updated, the first ones first, and which are being updated.
    struct TurnNeed: Hashable, Sendable {
        let service: Service
        let local: [String]
        let waiting: [String]
        let held: Set<String>
    }

    /// A member by the files that `fleet init` or `fleet join` left in the data directory; `nil` where there are none.
    public static func find(_ settings: EngineSettings, _ options: FleetOptions) throws(Diagnostic) -> FleetMember? {
        let directory = FleetDirectory(dataDirectory: settings.dataDirectory)
        guard directory.exists else { return nil }
        return FleetMember(try FleetSession(FleetSettings(directory: directory)), settings, options)
    }

    private init(_ session: FleetSession, _ settings: EngineSettings, _ options: FleetOptions) {
        self.session = session
        self.settings = settings
        let wake = session.wake
        previews = PreviewQueue { wake.signal() }
        rollout = RolloutWriter(session)
        self.options = options
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Readable when the fleet has news.
    public var descriptor: Int32 { session.wake.descriptor }

    /// Begins to take part.
    public func start() {
        let (session, wishes, respondent) = (session, wishes, respondent)
        tasks.withLock { tasks in
            tasks.append(Task.detached { await session.run() })
            tasks.append(Task.detached { [weak self] in for await wants in wishes { await self?.ask(wants) } })
            tasks.append(Task.detached { await respondent.run() })
        }
    }

    /// Ends taking part. The lease is left to end by itself, so that the next agent finds everything as it was.
    public func stop() {
        tasks.withLock { tasks in
            for task in tasks { task.cancel() }
            tasks = []
        }
        wish.finish()
        previews.close()
    }

    /// Who answers other members.
    private var respondent: Respondent {
        Respondent(
            session: session, node: session.view.node, set: settings.set,
            answerers: [
                PlanAnswerer(previews: previews) { [weak self] in self?.known.withLock(\.root) },
                EventsAnswerer(dataDirectory: settings.dataDirectory),
            ])
    }

    /// What is known of the fleet just now.
    public func facts() -> FleetFacts {
        let view = session.view
        return known.withLock { known in
            if known.facts == nil || known.revision != view.revision {
                (known.facts, known.revision) = (FleetFacts(view, since: known.facts, known.revision), view.revision)
            }
            var facts = known.facts ?? FleetFacts(view)
            let (draining, now) = (known.draining, ContinuousClock.now)
            guard !draining.isEmpty else { return facts }
            for (service, numbers) in facts.replicas {
                facts.replicas[service] = numbers.filter {
                    !draining.isOver(.replica(service: service, $0), at: now)
                }
            }
            return facts
        }
    }

    /// The replicas that are to leave this node and run here still, as containers: traffic is to be kept from them.
    var leaving: Set<String> { known.withLock { $0.draining.containers } }

    /// How this node stands in its fleet.
    var standing: FleetStanding { FleetStanding(session.view) }

    /// Takes the news; true where something is different from what the last pass knew.
    func takeNews() -> Bool {
        session.wake.drain()
        let facts = facts()
        return known.withLock { known in
            defer { known.isDue = false }
            if known.isDue { known.attended = -1 }
            return known.isDue || known.passed != facts
        }
    }

    /// What is newly wrong between this node and its fleet, once.
    func takeProblem() -> Diagnostic? {
        let current = session.view.problem
        return known.withLock { known in
            let problem = current ?? known.problem
            defer { known.told = problem }
            return problem == known.told ? nil : problem
        }
    }

    /// Before a pass changes anything: asks for what it needs, and tells the others that this node is there and what it
    /// is about to run. What is about to end is told of as not well, so that nothing new is sent to it.
    func begins(_ look: Look, _ input: PassInput, unready: Set<String>) async {
        guard let view = take(look, input, isDone: false) else { return }
        let last = known.withLock(\.publication)
        let isSame = last?.node.revision == input.revision
        var publication = publication(
            look, input, view, health: isSame ? last?.node.health ?? .reconciling : .reconciling,
            message: isSame ? last?.node.message : nil, unready)
        let own = Set(publication.endpoints.map { "\($0.network)/\($0.container)" })
        for var endpoint in last?.endpoints ?? [] {
            guard look.containers[endpoint.container] != nil, !own.contains("\(endpoint.network)/\(endpoint.container)")
            else { continue }
            endpoint.isHealthy = false
            publication.endpoints.append(endpoint)
        }
        await publish(publication)
    }

    /// Notes what a pass was made from, asks for what it needs, and tells the others what became of it.
    func passed(
        _ look: Look, _ input: PassInput, health: NodeEntry.Health, message: String?, unready: Set<String>
    ) async {
        guard let view = take(look, input, isDone: true) else { return }
        await publish(publication(look, input, view, health: health, message: message, unready))
    }

    /// Tells the others that this node is there and not well: a pass came to nothing.
    func failed(_ problem: Diagnostic) async {
        var publication =
            known.withLock(\.publication)
            ?? FleetPublication(
                node: NodeEntry(name: session.view.node, vtep: options.tunnel, labels: options.labels))
        publication.node.health = .failed
        publication.node.message = problem.message
        await publish(publication)
    }

    private func publish(_ publication: FleetPublication) async {
        known.withLock { $0.publication = publication }
        await session.publish(publication)
    }

    private func publication(
        _ look: Look, _ input: PassInput, _ view: FleetView, health: NodeEntry.Health, message: String?,
        _ unready: Set<String>
    ) -> FleetPublication {
        let tunnel = options.tunnel ?? look.facts.uplinks.first(where: \.isDefault)?.addresses.first
        return FleetPublication(
            look.desired, look.facts.fleet ?? FleetFacts(node: view.node),
            node: NodeEntry(
                name: view.node, vtep: tunnel, labels: options.labels, revision: input.revision, health: health,
                message: message),
            unready: unready.union(leaving))
    }

    /// Notes what a pass is made from, and asks for what it needs; `nil` where nothing is known of the fleet yet. Only
    /// after a pass, where `isDone`, anything is given back.
    private func take(_ look: Look, _ input: PassInput, isDone: Bool) -> FleetView? {
        let view = session.view
        known.withLock { known in
            known.passed = look.facts.fleet
            known.root = input.paths.first.map(PlanPaths.absolute)
        }
        // A look from before the first news of the fleet says nothing of what this node holds.
        guard view.revision > 0, look.facts.fleet?.isKnown == true else { return nil }
        var needs = FleetWants.Needs(
            look.desired, services: input.resources.services, containers: Set(look.containers.keys),
            isWhole: input.prunes)
        needs.isDone = isDone
        known.withLock { ($0.needs, $0.attended) = (needs, -1) }
        attend()
        return view
    }

    /// Makes the agent look again at a time.
    private func wake(at time: ContinuousClock.Instant) {
        Task.detached { [weak self] in
            try? await Task.sleep(until: time, clock: .continuous)
            self?.known.withLock { $0.isDue = true }
            self?.session.wake.signal()
        }
    }

    /// Notes which facts were followed without a pass.
    func followed(_ facts: FleetFacts) { known.withLock { $0.passed = facts } }

    /// Asks for what is needed, where the fleet or the needs are others than when it was last asked.
    func attend(turns: [TurnNeed]? = nil) {
        let (view, now) = (session.view, ContinuousClock.now)
        let (wants, isLeaving, times): (FleetWants?, Bool, [ContinuousClock.Instant?]) = known.withLock { known in
            let isSame = turns.map { $0 == known.turns } ?? true
            if let turns { known.turns = turns }
            guard let needs = known.needs, view.revision > 0, !isSame || known.attended != view.revision else {
                return (nil, false, [])
            }
            known.attended = view.revision
            var wants = FleetWants(needs, view)
            known.draining.follow(wants.leaving, at: now)
            // Until this node is a member, nobody can be waited for.
            let end = view.nodes[view.node] == nil ? now : known.settling.deadline(Set(view.nodes.keys), at: now)
            wants = wants.withholding(replicas: end != nil, releases: !needs.isDone)
            for need in known.turns {
                let more = FleetTurns(need.service, local: need.local, view).wants(need.waiting, held: need.held)
                wants.requests += more.requests
                wants.releases += more.releases
            }
            defer { known.wants = wants }
            let isLeaving = known.wants?.leaving != wants.leaving
            return (wants, isLeaving, [end, isLeaving ? known.draining.deadline(after: now) : nil])
        }
        for time in times.compactMap({ $0 }) where time > now { wake(at: time) }
        if let wants, !wants.isEmpty { wish.yield(wants) }
        // From what is to end here traffic is kept at once.
        if isLeaving { session.wake.signal() }
    }

    /// How an update of a service stands in the fleet; `nil` where nothing is known of it.
    func turns(of service: Service, local: [String]) -> FleetTurns? {
        let view = session.view
        return view.revision > 0 ? FleetTurns(service, local: local, view) : nil
    }

    /// Tells the others which endpoints are not ready now, where that is not known yet.
    func tell(unready: Set<String>) async {
        let changed = known.withLock { known -> FleetPublication? in
            guard let last = known.publication else { return nil }
            let next = last.with(unready: unready)
            guard next != last else { return nil }
            known.publication = next
            return next
        }
        if let changed { await session.publish(changed) }
    }

    /// Asks for claims, again where etcd does not answer, until something else is wanted.
    private func ask(_ wants: FleetWants) async {
        var problem: Diagnostic?
        do throws(Diagnostic) {
            for (name, candidates) in wants.networks.sorted(by: { $0.key < $1.key }) {
                guard try await session.claimNetwork(name, candidates: candidates) == nil else { continue }
                problem = Diagnostic(
                    code: "vni-taken", "each VNI that network \(name) could have is another network's",
                    hint: "choose one: overlay: { vni: … }", resource: .network(name))
            }
            if !wants.requests.isEmpty { _ = try await session.claim(wants.requests) }
            if !wants.releases.isEmpty { try await session.release(wants.releases) }
        } catch {
            problem = error
            try? await Task.sleep(for: .seconds(1))
            if known.withLock({ $0.wants == wants }) { wish.yield(wants) }
        }
        known.withLock { $0.problem = problem }
    }
}
