import LinuxHost
import Model

extension LastPass {
    /// Notes how a pass ended. One that changed nothing writes nothing, once the last one is known to have been about
    /// the same.
    public static func note(_ outcome: PassOutcome, _ input: PassInput, _ settings: EngineSettings) {
        let last = read(settings)
        var failures = Dictionary(
            outcome.failures.map { ($0.change.resource, $0.diagnostic.message) },
            uniquingKeysWith: { first, _ in first })
        for diagnostic in outcome.remaining.diagnostics + outcome.stopped where diagnostic.severity == .error {
            if let resource = diagnostic.resource { failures[resource] = diagnostic.message }
        }
        let paths = input.paths.map(WorkingDirectory.absolute)
        if outcome.rounds == 0, let last, last.revision == input.revision, last.paths == paths, last.isConverged {
            return
        }
        LastPass(
            time: Timestamp.now(), revision: input.revision, paths: paths, isConverged: outcome.isConverged,
            failures: failures
        ).write(settings)
    }
}
