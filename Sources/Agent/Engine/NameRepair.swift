import Containers
import Model
import Planning

/// A repair of the names that are served, beside the agent's loop: they are served by a process that reads all of them
/// anew whenever one changes, which with ten thousand takes a quarter of a second. What it is made from was known when it
/// began; what came of it the loop takes over when it has time.
final class NameRepair: Sendable {
    /// What came of one.
    struct Outcome: Sendable {
        /// The difference that was found first.
        let plan: Plan
        /// What became of it; `nil` where there was nothing to do.
        let pass: PassOutcome?
        /// The servers of names as they were seen last.
        let names: NameServerObservation
    }

    /// When it began.
    let began = ContinuousClock.now
    /// How far what is desired had changed by then.
    let lastShift: Int
    /// Where it tells of itself.
    let log: AgentLog
    private let task: Task<Result<Outcome, Diagnostic>, Never>

    /// Begins one. `whenDone` is called at its end, from anywhere.
    init(
        _ engine: Engine, _ knowledge: Knowledge, waiting: Set<ObjectID>, isReportOnly: Bool, log: AgentLog,
        whenDone: @escaping @Sendable () -> Void
    ) {
        lastShift = knowledge.lastShift
        self.log = log
        let (desired, terms) = (knowledge.desired(in: [.names]), RepairTerms(knowledge))
        task = Task.detached {
            defer { whenDone() }
            do throws(Diagnostic) {
                return .success(
                    try await engine.repairNames(desired, terms, waiting, isReportOnly: isReportOnly, log))
            } catch { return .failure(error) }
        }
    }

    /// What came of it; waits for its end.
    var result: Result<Outcome, Diagnostic> { get async { await task.value } }
}

extension Engine {
    /// Makes the scope of names as it should be. `waiting` is not touched.
    fileprivate func repairNames(
        _ desired: [KernelObject], _ terms: RepairTerms, _ waiting: Set<ObjectID>, isReportOnly: Bool,
        _ reporter: any PassReporter
    ) async throws(Diagnostic) -> NameRepair.Outcome {
        var names = observeNames()
        let plan = plan(terms, desired, names.observation)
        func round(_ plan: Plan) -> Round {
            // No name is what keeps a resource from being there: none is taken back with another.
            Round(plan: plan.postponing(waiting), owned: [], containers: [:], specifications: [])
        }
        let first = round(plan)
        guard !isReportOnly, !first.plan.changes.isEmpty else {
            return NameRepair.Outcome(plan: plan, pass: nil, names: names)
        }
        let pass = try await converge(from: first, reporter) { () async throws(Diagnostic) -> Round in
            names = observeNames()
            return round(self.plan(terms, desired, names.observation))
        }
        return NameRepair.Outcome(plan: plan, pass: pass, names: names)
    }
}
