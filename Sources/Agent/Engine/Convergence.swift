import Glibc
import Model
import Planning

/// What became of a pass.
public struct PassOutcome: Sendable {
    /// One operation that was tried.
    public struct Step: Sendable {
        /// The operation.
        public let change: Change
        /// What became of it.
        public let result: OperationResult
    }

    /// The operations of all rounds.
    public var steps: [Step] = []
    /// What still differs.
    public var remaining: Plan
    /// What went wrong beside the operations.
    public var warnings: [Diagnostic] = []
    /// How many rounds it took.
    public var rounds = 0

    /// Everything desired was seen to be so.
    public var isConverged: Bool { remaining.isEmpty && !remaining.hasErrors && failures.isEmpty }

    /// The operations that failed and were not mended by a later round, each with its last error.
    public var failures: [(Change, Diagnostic)] {
        let open = Set(remaining.changes.map(\.id))
        var seen: Set<ObjectID> = []
        let failed = steps.reversed().compactMap { step -> (Change, Diagnostic)? in
            guard case .failed(let diagnostic) = step.result, open.contains(step.change.id),
                seen.insert(step.change.id).inserted
            else { return nil }
            return (step.change, diagnostic)
        }
        return failed.reversed()
    }

    /// The resources of which an operation failed.
    public var failedResources: Set<ResourceID> {
        var failed: Set<ResourceID> = []
        for step in steps { if case .failed = step.result { failed.insert(step.change.resource) } }
        return failed
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
}

extension Engine {
    /// How often a pass looks again and mends what still differs.
    private static let maximumRounds = 3

    /// Makes what the manifests say true, from a look that was taken; answers with what became of it.
    ///
    /// After each round everything is observed again. The next round is taken as long as less is left than before.
    public func converge(
        _ input: PassInput, from first: Look, reporter: any PassReporter
    ) async throws(Diagnostic) -> PassOutcome {
        var look = first
        var outcome = PassOutcome(remaining: first.plan)
        var left = Int.max
        outcome.warnings += await removeLeftovers(first.containers)
        // What failed is not tried again in the same pass: its cause is seldom gone a moment later.
        while outcome.rounds < Self.maximumRounds, look.plan.changes.count < left,
            look.plan.changes.contains(where: { !outcome.failedResources.contains($0.resource) })
        {
            left = look.plan.changes.count
            outcome.rounds += 1
            reporter.willApply(look.plan, round: outcome.rounds)
            outcome.steps += try await apply(look, input, reporter)
            look = try await self.look(input)
        }
        outcome.remaining = look.plan
        if outcome.rounds > 0 { finish(look) }
        return outcome
    }

    private func apply(
        _ look: Look, _ input: PassInput, _ reporter: any PassReporter
    ) async throws(Diagnostic) -> [PassOutcome.Step] {
        let handlers = try handlers(input.resources.containers, living: look.containers)
        let plan = look.plan
        let interruption = Interruption.fromEnvironment()
        let executor = Executor(
            handlers: handlers, isSerial: interruption != nil, begins: { reporter.begins(plan.changes[$0]) },
            report: { index, result in
                reporter.did(plan.changes[index], result, in: plan)
                interruption?.count()
            })
        var results = await executor.run(plan.changes)
        await undo(plan, &results, handlers, reporter)
        return zip(plan.changes, results).map { PassOutcome.Step(change: $0, result: $1) }
    }

    /// Takes back what this pass created for a resource of which another part failed.
    private func undo(
        _ plan: Plan, _ results: inout [OperationResult], _ handlers: [any ObjectHandler], _ reporter: any PassReporter
    ) async {
        var failed: Set<ResourceID> = []
        for (change, result) in zip(plan.changes, results) {
            if case .failed = result, change.resource.kind != .host { failed.insert(change.resource) }
        }
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
