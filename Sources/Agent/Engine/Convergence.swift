import Containers
import Glibc
import Model
import Planning

/// What became of a pass. Of what went well only the number and the objects are kept: a plan may have tens of thousands of
/// operations.
public struct PassOutcome: Sendable {
    /// How many operations were carried out.
    public private(set) var done = 0
    /// The operations that failed, each with its last error, in the order of the plan.
    public private(set) var failures: [(change: Change, diagnostic: Diagnostic)] = []
    /// What still differs.
    public internal(set) var remaining: Plan
    /// What went wrong beside the operations.
    public internal(set) var warnings: [Diagnostic] = []
    /// Why the update of services stopped.
    public internal(set) var stopped: [Diagnostic] = []
    /// How many rounds it took.
    public internal(set) var rounds = 0
    /// The objects that operations were about.
    private var touched: Set<ObjectID> = []
    /// The resources that something was wrong with when the pass began: they were left alone.
    private let held: Set<ResourceID>

    init(remaining: Plan, held: Set<ResourceID> = []) {
        self.remaining = remaining
        self.held = held
    }

    /// Everything desired was seen to be so.
    public var isConverged: Bool {
        remaining.isEmpty && !remaining.hasErrors && failures.isEmpty && stopped.isEmpty
    }

    /// What is wrong, the first of it; `nil` where nothing is.
    var problem: Diagnostic? {
        failures.first?.diagnostic ?? stopped.first ?? remaining.diagnostics.first { $0.severity == .error }
    }

    /// The resources of which an operation failed.
    public var failedResources: Set<ResourceID> { Set(failures.map(\.change.resource)) }

    /// Nothing failed, and all that differs is drift other than what the pass repaired: it came after the pass had looked.
    func isOnlyNewDrift(since repaired: [Change]) -> Bool {
        func isNew(_ change: Change) -> Bool {
            change.cause.kind == .drift
                && !repaired.contains { $0.id == change.id && $0.fields.map(\.name) == change.fields.map(\.name) }
        }
        return failures.isEmpty && !remaining.hasErrors && !remaining.isEmpty && remaining.changes.allSatisfy(isNew)
    }

    /// Nothing failed, and nothing that differs was there to be done before: what is wanted, or what there is, became another
    /// while the pass was under way.
    var isOvertaken: Bool {
        failures.isEmpty && stopped.isEmpty && !remaining.hasErrors && !remaining.isEmpty
            && remaining.changes.allSatisfy { !touched.contains($0.id) }
    }

    /// All that is left to do is what other nodes have to give up something for first.
    var waitsForOthers: Bool {
        let errors = remaining.diagnostics.filter { $0.severity == .error }
        guard failures.isEmpty, stopped.isEmpty, !errors.isEmpty else { return false }
        let held = errors.resourcesInError
        return errors.allSatisfy { Knowledge.ofOthers.contains($0.code) }
            && remaining.changes.allSatisfy { held.contains($0.resource) }
    }

    /// Something was left alone with which nothing is wrong any more, as a container whose address was claimed while the
    /// pass was under way.
    var hasReleased: Bool {
        let kept = remaining.diagnostics.resourcesInError.union(failedResources)
        return remaining.changes.contains { held.contains($0.resource) && !kept.contains($0.resource) }
    }

    mutating func add(_ changes: [Change], _ results: [OperationResult]) {
        touched.formUnion(changes.lazy.map(\.id))
        for (change, result) in zip(changes, results) {
            switch result {
            case .done:
                done += 1
                failures.removeAll { $0.change.id == change.id }
            case .failed(let diagnostic):
                failures.removeAll { $0.change.id == change.id }
                failures.append((change, diagnostic))
            case .skipped, .undone: break
            }
        }
    }

    /// Takes over what became of a later part of the same pass.
    mutating func add(_ later: PassOutcome) {
        done += later.done
        rounds += later.rounds
        touched.formUnion(later.touched)
        let retried = Set(later.failures.map(\.change.id))
        failures = failures.filter { !retried.contains($0.change.id) } + later.failures
    }

    /// Forgets failures that a later look did not confirm. What could not be removed may be out of sight and still be
    /// there: such a failure stays.
    mutating func settle() {
        let open = Set(remaining.changes.map(\.id))
        failures.removeAll { !open.contains($0.change.id) && $0.change.action != .delete }
    }
}

/// Tells of a pass as it goes.
public protocol PassReporter: Sendable {
    /// The plan that is about to be carried out, and in which round.
    func willApply(_ plan: Plan, round: Int)
    /// An operation begins.
    func begins(_ change: Change)
    /// An operation is settled.
    func did(_ change: Change, _ result: OperationResult, in plan: Plan)
    /// Replicas of a service were made anew, and are waited for until they are ready.
    func waits(for replicas: [String], of service: ResourceID)
    /// Whether to begin nothing more: what is under way is finished, the rest is left to the next pass.
    var shouldStop: Bool { get }
}

extension PassReporter {
    /// Nothing is told of waiting.
    public func waits(for replicas: [String], of service: ResourceID) {}
    /// A pass goes to its end.
    public var shouldStop: Bool { false }
}

/// What one round of a pass works on.
struct Round {
    /// What to do.
    var plan: Plan
    /// The resources that own something in the kernel.
    let owned: Set<ResourceID>
    /// The containers as found.
    let containers: [String: ObservedContainer]
    /// The containers as they should be.
    let specifications: [Container]
}

extension Round {
    init(_ look: Look) {
        // What each resource owns is asked for only where something is carried out.
        self.init(
            plan: look.plan, owned: look.plan.changes.isEmpty ? [] : look.owned, containers: look.containers,
            specifications: look.desired.containers)
    }
}

extension Engine {
    /// How often a pass looks again and mends what still differs.
    private static let maximumRounds = 3

    /// Makes what the manifests say true, from a look that was taken; answers with what became of it.
    public func converge(
        _ input: PassInput, from first: consuming Look, reporter: any PassReporter
    ) async throws(Diagnostic) -> PassOutcome {
        var look = consume first
        let leftovers = await removeLeftovers(look.containers)
        if Rollout.isNeeded(look) {
            var (outcome, last) = try await roll(input, from: look, reporter: reporter)
            outcome.warnings += leftovers
            if outcome.rounds > 0 { finish(last) } else { noteExits(last) }
            return outcome
        }
        var outcome = try await converge(from: Round(look), reporter) {
            () async throws(Diagnostic) -> Round in
            // The old look goes before the new one comes: with a thousand containers each is 20 MB.
            look = .nothing
            look = try await self.look(input)
            return Round(look)
        }
        outcome.warnings += leftovers
        if outcome.rounds > 0 { finish(look) } else { noteExits(look) }
        // Freeing the look of a thousand containers takes 20 ms, for which nobody has to wait.
        let last = consume look
        Task.detached(priority: .background) { withExtendedLifetime(last) {} }
        return outcome
    }

    /// Carries out a plan, looks again, and goes on as long as less is left than before.
    func converge(
        from first: consuming Round, _ reporter: any PassReporter,
        again: () async throws(Diagnostic) -> Round
    ) async throws(Diagnostic) -> PassOutcome {
        var round = consume first
        var outcome = PassOutcome(remaining: Plan(), held: round.plan.diagnostics.resourcesInError)
        var left = Int.max
        var made: [ObjectID: [Field]?] = [:]
        // What failed is not tried again in the same pass: its cause is seldom gone a moment later.
        while !reporter.shouldStop, outcome.rounds < Self.maximumRounds, round.plan.changes.count < left,
            round.plan.changes.contains(where: { !outcome.failedResources.contains($0.resource) })
        {
            left = round.plan.changes.count
            outcome.rounds += 1
            reporter.willApply(round.plan, round: outcome.rounds)
            let results = try await apply(round, reporter)
            outcome.add(round.plan.changes, results)
            for case (let change, .done) in zip(round.plan.changes, results) { made[change.id] = change.after?.fields }
            // What is wanted again in the next round was taken away by nobody else.
            applied.follow(made.filter { $0.value == nil })
            round = try await again()
        }
        for change in round.plan.changes { made[change.id] = nil }
        applied.follow(made)
        outcome.remaining = round.plan
        outcome.settle()
        return outcome
    }

    private func apply(
        _ round: Round, _ reporter: any PassReporter
    ) async throws(Diagnostic) -> [OperationResult] {
        let plan = round.plan
        let handlers = try handlers(round.specifications, living: round.containers)
        let interruption = Interruption.fromEnvironment()
        let executor = Executor(
            handlers: handlers, isSerial: interruption != nil, shouldStop: { reporter.shouldStop },
            begins: { reporter.begins(plan.changes[$0]) },
            report: { index, result in
                reporter.did(plan.changes[index], result, in: plan)
                interruption?.count()
            })
        var results = await executor.run(plan.changes)
        await undo(plan, round.owned, &results, handlers, reporter)
        return results
    }

    /// Takes back what this pass created for a resource of which another part failed. Only for a resource that had
    /// nothing before: of one that ran, what was made anew replaces something that is gone.
    private func undo(
        _ plan: Plan, _ owned: Set<ResourceID>, _ results: inout [OperationResult], _ handlers: [any ObjectHandler],
        _ reporter: any PassReporter
    ) async {
        var failed: Set<ResourceID> = []
        for (change, result) in zip(plan.changes, results) {
            if case .failed = result, change.resource.kind != .host, !change.id.kind.isAuxiliary {
                failed.insert(change.resource)
            }
        }
        failed.subtract(owned)
        guard !failed.isEmpty else { return }
        let created = plan.changes.indices.filter { index in
            guard case .done = results[index] else { return false }
            return plan.changes[index].action == .create && failed.contains(plan.changes[index].resource)
                && plan.changes[index].id.kind.isPruned
        }
        let undone = await Executor(handlers: handlers).run(Plan.undo(created.map { plan.changes[$0] }))
        guard !undone.isEmpty else { return }
        for index in created {
            results[index] = .undone
            reporter.did(plan.changes[index], .undone, in: plan)
        }
    }
}

/// Kills this process after a number of operations: how tests stop a pass at each of its steps. Set by
/// `RECONCILE_TEST_KILL_AFTER`; operations then go one at a time.
private final class Interruption: Sendable {
    private let remaining: Countdown

    private init(_ count: Int) { remaining = Countdown(count) }

    static func fromEnvironment() -> Interruption? {
        getenv("RECONCILE_TEST_KILL_AFTER").flatMap { Int(String(cString: $0)) }.map { Interruption($0) }
    }

    func count() {
        if remaining.decrement() <= 0 { kill(getpid(), SIGKILL) }
    }
}
