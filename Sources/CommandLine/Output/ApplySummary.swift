import Agent
import Glibc
import Model
import Planning

/// How an apply ends: what failed, what still differs, and the note for `status`.
struct ApplySummary {
    let outcome: PassOutcome
    let input: PassInput
    let settings: EngineSettings

    func finish(_ console: Console, took: Duration) {
        let milliseconds = took.components.seconds * 1000 + took.components.attoseconds / 1_000_000_000_000_000
        let failures = outcome.failures
        if console.isJSON {
            console.writeLine(json(milliseconds))
        } else {
            for (change, diagnostic) in failures { console.report(named(diagnostic, change)) }
            console.report(outcome.warnings + outcome.stopped)
            console.write(text(milliseconds, console))
        }
        if Interrupts.came { Self.tellOfInterruption(outcome) }
        LastPass.note(outcome, input, settings)
    }

    /// On standard error: what was done, what is left, and how it goes on.
    static func tellOfInterruption(_ outcome: PassOutcome) {
        let left = outcome.remaining.changes.count
        Console.write(
            "Interrupted: \(count(outcome.done)) done, "
                + (left == 0 ? "nothing left to do.\n" : "\(left) not begun. The next run goes on from here.\n"),
            to: STDERR_FILENO)
    }

    private static func count(_ number: Int) -> String { number == 1 ? "1 operation was" : "\(number) operations were" }

    private func named(_ diagnostic: Diagnostic, _ change: Change) -> Diagnostic {
        var diagnostic = diagnostic
        diagnostic.resource = diagnostic.resource ?? change.resource
        diagnostic.position = diagnostic.position ?? change.after?.source
        return diagnostic
    }

    private func text(_ milliseconds: Int64, _ console: Console) -> String {
        if outcome.isConverged {
            guard outcome.rounds > 0 else { return "" }
            return "\nApplied in \(ApplyReporter.seconds(milliseconds)). \(PlanText.standing(outcome.remaining))\n"
        }
        var failed = outcome.failedResources.union(outcome.stopped.compactMap(\.resource))
        for diagnostic in outcome.remaining.diagnostics where diagnostic.severity == .error {
            if let resource = diagnostic.resource { failed.insert(resource) }
        }
        let names = failed.sorted().map(\.description).joined(separator: ", ")
        let rest = outcome.remaining.changes.filter { !failed.contains($0.resource) }
        var text = "\n" + console.style.red("Not converged") + (names.isEmpty ? "." : ": \(names).")
        text += rest.isEmpty ? " All else is as desired.\n" : " Still to do after \(outcome.rounds) rounds:\n"
        for change in rest { text += "  \(change.resource)  \(PlanText.describe(change))\n" }
        return text
    }

    private func json(_ milliseconds: Int64) -> JSONValue {
        return [
            "type": "summary", "converged": .bool(outcome.isConverged),
            "interrupted": .bool(Interrupts.came), "rounds": .int(Int64(outcome.rounds)),
            "done": .int(Int64(outcome.done)), "failed": .int(Int64(outcome.failures.count)),
            "remaining": outcome.remaining.json,
            "diagnostics": .array((outcome.warnings + outcome.stopped).map(\.json)),
            "durationMs": .int(milliseconds),
        ]
    }
}
