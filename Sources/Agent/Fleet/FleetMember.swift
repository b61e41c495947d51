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
        /// What was asked for last, what that followed from, and by which revision.
        var wants: FleetWants?
        var needs: FleetWants.Needs?
        var turns: [TurnNeed] = []
        var attended: Int64 = -1
        /// What was told of this node last.
        var publication: FleetPublication?
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
                (known.facts, known.revision) = (FleetFacts(view, since: known.facts, known.revision), view.revision)
            }
            var facts = known.facts ?? FleetFacts(view)
            guard let wants = known.wants, !wants.leaving.isEmpty else { return facts }
            for (service, numbers) in facts.replicas {
                facts.replicas[service] = numbers.filter { !wants.isLeaving(service, $0) }
            }
            return facts
        }
    }

    /// Takes the news; true where something is different from what the last pass knew.
    func takeNews() -> Bool {
        session.wake.drain()
        let facts = facts()
        return known.withLock { $0.passed != facts }
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

    /// Notes what a pass was made from, asks for what it needs, and tells the others of this node.
    func passed(_ look: Look, _ input: PassInput, health: NodeEntry.Health, unready: Set<String>) async {
        let view = session.view
        let needs = FleetWants.Needs(
            look.desired, services: input.resources.services, containers: Set(look.containers.keys),
            isWhole: input.prunes)
        known.withLock { known in
            known.passed = look.facts.fleet
            (known.needs, known.attended) = (needs, -1)
        }
        guard view.revision > 0 else { return }
        attend()
        let tunnel = options.tunnel ?? look.facts.uplinks.first(where: \.isDefault)?.addresses.first
        let publication = FleetPublication(
            look.desired, look.facts.fleet ?? FleetFacts(node: view.node),
            node: NodeEntry(
                name: view.node, vtep: tunnel, labels: options.labels, revision: input.revision, health: health),
            unready: unready)
        known.withLock { $0.publication = publication }
        await session.publish(publication)
    }

    /// Notes which facts were followed without a pass.
    func followed(_ facts: FleetFacts) { known.withLock { $0.passed = facts } }

    /// Asks for what is needed, where the fleet or the needs are others than when it was last asked.
    func attend(turns: [TurnNeed]? = nil) {
        let view = session.view
        let (wants, isLeaving): (FleetWants?, Bool) = known.withLock { known in
            let isSame = turns.map { $0 == known.turns } ?? true
            if let turns { known.turns = turns }
            guard let needs = known.needs, view.revision > 0, !isSame || known.attended != view.revision else {
                return (nil, false)
            }
            known.attended = view.revision
            var wants = FleetWants(needs, view)
            for need in known.turns {
                let more = FleetTurns(need.service, local: need.local, view).wants(need.waiting, held: need.held)
                wants.requests += more.requests
                wants.releases += more.releases
            }
            defer { known.wants = wants }
            return (wants, known.wants?.leaving != wants.leaving)
        }
        if let wants, !wants.isEmpty { wish.yield(wants) }
        // What is to end here is a reason for another pass.
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
