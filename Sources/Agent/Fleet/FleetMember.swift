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
    func passed(_ look: Look, _ input: PassInput, health: NodeEntry.Health, unhealthy: Set<String>) async {
        let view = session.view
        known.withLock { $0.passed = look.facts.fleet }
        guard view.revision > 0 else { return }
        let wants = FleetWants(
            look.desired, services: input.resources.services, view, containers: Set(look.containers.keys),
            isWhole: input.prunes)
        let isLeaving = known.withLock { known in
            defer { known.wants = wants }
            return known.wants?.leaving != wants.leaving
        }
        if !wants.isEmpty { wish.yield(wants) }
        // What is to end here is a reason for another pass.
        if isLeaving { session.wake.signal() }
        let tunnel = options.tunnel ?? look.facts.uplinks.first(where: \.isDefault)?.addresses.first
        await session.publish(
            FleetPublication(
                look.desired, look.facts.fleet ?? FleetFacts(node: view.node),
                node: NodeEntry(
                    name: view.node, vtep: tunnel, labels: options.labels, revision: input.revision, health: health),
                unhealthy: unhealthy))
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
