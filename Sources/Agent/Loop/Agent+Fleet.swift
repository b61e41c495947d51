import Fleet
import Model

/// The agent's part in a fleet.
extension Agent {
    /// Asks the fleet for what a pass needs, and tells it of this node, before anything is changed.
    func beginInFleet(_ look: Look, _ input: PassInput) async {
        await fleet?.begins(look, input, unhealthy: unhealthy)
    }

    /// Asks the fleet for what the manifests need, and tells it what became of them.
    func tellFleet(_ look: Look, _ outcome: PassOutcome, _ input: PassInput) async {
        guard let fleet else { return }
        rollout.passed(outcome, input)
        let problem =
            outcome.failures.first?.diagnostic ?? outcome.stopped.first
            ?? outcome.remaining.diagnostics.first { $0.severity == .error }
        // What drifted while the pass was under way is repaired next, and is not told of then.
        let isReady = outcome.isConverged || outcome.isOnlyNewDrift(since: [])
        await fleet.passed(
            look, input, health: isReady ? .ready : .failed, message: isReady ? nil : problem?.message,
            unhealthy: unhealthy)
    }

    private var unhealthy: Set<String> {
        Set(health.health.filter { $0.value.status == .unhealthy }.map(\.key))
    }
}
