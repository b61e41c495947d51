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
    private let options: FleetOptions
    private let known = Mutex<Known>(Known())
    private let wishes: AsyncStream<FleetWants>
    private let wish: AsyncStream<FleetWants>.Continuation
    private let tasks = Mutex<[Task<Void, Never>]>([])

    private struct Known {
        /// The facts of a view, and of which revision of it.
        var facts: FleetFacts?
        var revision: Int64 = -1
        /// The facts of the last pass.
        var passed: FleetFacts?
        /// What was asked for last.
        var wants: FleetWants?
        /// What the others were told last.
        var publication: FleetPublication?
        var settling = FleetSettling()
        var draining = FleetDraining()
        /// Some time is over that a pass was put off for.
        var isDue = false
        var problem: Diagnostic?
        /// What was told of it.
        var told: Diagnostic?
    }

    /// A member by the files that `fleet init` or `fleet join` left in the data directory; `nil` where there are none.
    public static func find(_ settings: EngineSettings, _ options: FleetOptions) throws(Diagnostic) -> FleetMember? {
        let directory = FleetDirectory(dataDirectory: settings.dataDirectory)
        guard directory.exists else { return nil }
        return FleetMember(try FleetSession(FleetSettings(directory: directory)), options)
    }

    private init(_ session: FleetSession, _ options: FleetOptions) {
        self.session = session
        rollout = RolloutWriter(session)
        self.options = options
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Readable when the fleet has news.
    public var descriptor: Int32 { session.wake.descriptor }

    /// Begins to take part.
    public func start() {
        let (session, wishes) = (session, wishes)
        tasks.withLock { tasks in
            tasks.append(Task.detached { await session.run() })
            tasks.append(Task.detached { [weak self] in for await wants in wishes { await self?.ask(wants) } })
        }
    }

    /// Ends taking part. The lease is left to end by itself, so that the next agent finds everything as it was.
    public func stop() {
        tasks.withLock { tasks in
            for task in tasks { task.cancel() }
            tasks = []
        }
        wish.finish()
    }

    /// What is known of the fleet just now.
    public func facts() -> FleetFacts {
        let view = session.view
        return known.withLock { known in
            if known.facts == nil || known.revision != view.revision {
                (known.facts, known.revision) = (FleetFacts(view), view.revision)
            }
            var facts = known.facts ?? FleetFacts(view)
            let (draining, now) = (known.draining, ContinuousClock.now)
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
    func begins(_ look: Look, _ input: PassInput, unhealthy: Set<String>) async {
        guard let view = take(look, input, isDone: false) else { return }
        let last = known.withLock(\.publication)
        let isSame = last?.node.revision == input.revision
        var publication = publication(
            look, input, view, health: isSame ? last?.node.health ?? .reconciling : .reconciling,
            message: isSame ? last?.node.message : nil, unhealthy)
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
        _ look: Look, _ input: PassInput, health: NodeEntry.Health, message: String?, unhealthy: Set<String>
    ) async {
        guard let view = take(look, input, isDone: true) else { return }
        await publish(publication(look, input, view, health: health, message: message, unhealthy))
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
        _ unhealthy: Set<String>
    ) -> FleetPublication {
        let tunnel = options.tunnel ?? look.facts.uplinks.first(where: \.isDefault)?.addresses.first
        return FleetPublication(
            look.desired, look.facts.fleet ?? FleetFacts(node: view.node),
            node: NodeEntry(
                name: view.node, vtep: tunnel, labels: options.labels, revision: input.revision, health: health,
                message: message),
            unhealthy: unhealthy.union(leaving))
    }

    /// Notes what a pass is made from, and asks for what it needs; `nil` where nothing is known of the fleet yet. Only
    /// after a pass, where `isDone`, anything is given back.
    private func take(_ look: Look, _ input: PassInput, isDone: Bool) -> FleetView? {
        let view = session.view
        known.withLock { $0.passed = look.facts.fleet }
        // A look from before the first news of the fleet says nothing of what this node holds.
        guard view.revision > 0, look.facts.fleet?.isKnown == true else { return nil }
        var wants = FleetWants(
            look.desired, services: input.resources.services, view, containers: Set(look.containers.keys),
            isWhole: input.prunes)
        let now = ContinuousClock.now
        let times = known.withLock { known in
            let before = known.draining.containers
            known.draining.follow(wants.leaving, at: now)
            // Until this node is a member, nobody can be waited for.
            let end = view.nodes[view.node] == nil ? now : known.settling.deadline(Set(view.nodes.keys), at: now)
            wants = wants.withholding(replicas: end != nil, releases: !isDone)
            known.wants = wants
            return [end, known.draining.containers == before ? nil : known.draining.deadline(after: now)]
        }
        for time in times.compactMap({ $0 }) where time > now { wake(at: time) }
        if !wants.isEmpty { wish.yield(wants) }
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
