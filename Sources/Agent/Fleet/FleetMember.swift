import Drivers
import Fleet
import LinuxHost
import Model
import Synchronization

/// This host as a member of its fleet: what drivers may know of the others. What it wants to hold is its ``claims``', what
/// the others are told of it its ``publisher``'s.
///
/// Nothing here is waited for: facts are those known just now.
public final class FleetMember: Sendable {
    let session: FleetSession
    let claims: FleetClaims
    let publisher: FleetPublisher
    /// Writes what this node does about the rollout.
    let rollout: RolloutWriter
    /// Plans that other members ask for.
    let previews: PreviewQueue
    private let settings: EngineSettings
    private let options: FleetOptions
    private let lock: DirectoryLock
    private let known = Mutex<Known>(Known())
    private let tasks = Mutex<[Task<Void, Never>]>([])

    private struct Known {
        /// The facts of a view, and of which revision of it.
        var facts: FleetFacts?
        var revision: Int64 = -1
        /// Where the manifests of the last pass are.
        var root: String?
        /// The facts of the last pass.
        var passed: FleetFacts?
        /// What was told of what is wrong.
        var told: Diagnostic?
    }

    /// A member by the files that `fleet init` or `fleet join` left in the data directory; `nil` where there are none.
    /// Throws where another agent is this node already: two would take from each other what they hold.
    public static func find(_ settings: EngineSettings, _ options: FleetOptions) throws(Diagnostic) -> FleetMember? {
        let directory = FleetDirectory(dataDirectory: settings.dataDirectory)
        guard directory.exists else { return nil }
        let session = try FleetSession(FleetSettings(directory: directory))
        let lock = try DirectoryLock(directory.path) { taken(session.view, by: $0) }
        return FleetMember(session, settings, options, lock)
    }

    private static func taken(_ view: FleetView, by pid: Int32?) -> Diagnostic {
        let sets = pid.map(PassLock.sets) ?? []
        let who =
            (sets.isEmpty ? "another agent" : "the agent of set \(sets.joined(separator: ", "))")
            + (pid.map { " (process \($0))" } ?? "")
        return Diagnostic(
            code: "fleet-node-taken", "\(who) is node \(view.node) of fleet \(view.fleet) already",
            cause: "a node is one agent: two would take from each other what they hold and tell",
            hint:
                "put what is for the fleet into one set; another set's agent takes no part in it with a data directory "
                + "of its own: --data-dir")
    }

    private init(_ session: FleetSession, _ settings: EngineSettings, _ options: FleetOptions, _ lock: DirectoryLock) {
        self.session = session
        self.lock = lock
        self.settings = settings
        self.options = options
        let wake = session.wake
        previews = PreviewQueue { wake.signal() }
        rollout = RolloutWriter(session)
        claims = FleetClaims(session)
        publisher = FleetPublisher(session, options)
    }

    /// Readable when the fleet has news.
    public var descriptor: Int32 { session.wake.descriptor }

    /// Begins to take part.
    public func start() {
        let (session, claims, respondent) = (session, claims, respondent)
        tasks.withLock { tasks in
            tasks.append(Task.detached { await session.run() })
            tasks.append(Task.detached { await claims.run() })
            tasks.append(Task.detached { await respondent.run() })
        }
    }

    /// Ends taking part. The lease is left to end by itself, so that the next agent finds everything as it was.
    public func stop() {
        tasks.withLock { tasks in
            for task in tasks { task.cancel() }
            tasks = []
        }
        claims.stop()
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
        var facts = known.withLock { known in
            if known.facts?.isKnown != FleetFacts.isKnown(view) || known.revision != view.revision {
                (known.facts, known.revision) = (FleetFacts(view, since: known.facts, known.revision), view.revision)
            }
            return known.facts ?? FleetFacts(view)
        }
        facts.tunnel = options.tunnel
        return claims.withoutEnded(facts)
    }

    /// The facts as they will be when the agents of all nodes have read some services: this node holds what it has to ask
    /// for then, replicas and addresses.
    func facts(expecting services: [Service]) -> FleetFacts {
        var facts = facts()
        guard facts.isKnown else { return facts }
        facts.isExpected = true
        var own: Set<String> = []
        for (service, numbers) in FleetWants.share(of: services, session.view) {
            facts.replicas[service.metadata.name] = numbers
            own.formUnion(numbers.map { ReplicaName(service.metadata.name, $0).text })
        }
        // What is elsewhere now is here then, with the same names.
        for network in facts.remote.keys {
            facts.remote[network]?.removeAll { $0.container.map(own.contains) ?? false }
        }
        return facts
    }

    /// How this node stands in its fleet.
    var standing: FleetStanding { FleetStanding(session.view) }

    /// Takes the news; true where something is different from what the last pass knew.
    func takeNews() -> Bool {
        session.wake.drain()
        let facts = facts()
        let isDue = claims.takeDue()
        return isDue || known.withLock { $0.passed != facts }
    }

    /// What is newly wrong between this node and its fleet, once.
    func takeProblem() -> Diagnostic? {
        let problem = session.view.problem ?? claims.problem
        return known.withLock { known in
            defer { known.told = problem }
            return problem == known.told ? nil : problem
        }
    }

    /// Before a pass changes anything: asks for what it needs, and tells the others.
    func begins(_ look: Look, _ input: PassInput, unready: Set<String>) async {
        guard take(look, input, isDone: false) else { return }
        await publisher.begins(look, revision: input.revision, unready: unready.union(claims.leaving))
    }

    /// Notes what a pass was made from, asks for what it needs, and tells the others what became of it.
    func passed(
        _ look: Look, _ input: PassInput, health: NodeEntry.Health, message: String?, unready: Set<String>
    ) async {
        guard take(look, input, isDone: true) else { return }
        await publisher.passed(
            look, revision: input.revision, health, message, unready: unready.union(claims.leaving))
    }

    /// Notes which facts were followed without a pass.
    func followed(_ facts: FleetFacts) { known.withLock { $0.passed = facts } }

    /// Notes what a pass is made from, and asks for what it needs; false where nothing is known of the fleet yet.
    private func take(_ look: Look, _ input: PassInput, isDone: Bool) -> Bool {
        known.withLock { known in
            known.passed = look.facts.fleet
            known.root = input.paths.first.map(PlanPaths.absolute)
        }
        // A look from before the first news of the fleet says nothing of what this node holds.
        guard FleetFacts.isKnown(session.view), look.facts.fleet?.isKnown == true else { return false }
        var needs = FleetWants.Needs(
            look.desired, services: input.resources.services, containers: Set(look.containers.keys),
            isWhole: input.prunes)
        needs.isDone = isDone
        claims.need(needs)
        return true
    }
}
