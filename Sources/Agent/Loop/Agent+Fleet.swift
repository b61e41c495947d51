import Fleet
import Model

/// The agent's part in a fleet.
extension Agent {
    /// Asks the fleet for what the manifests need, and tells it what became of them.
    func tellFleet(_ look: Look, _ outcome: PassOutcome, _ input: PassInput) async {
        guard let fleet else { return }
        rollout.passed(outcome, input)
        let unhealthy = health.health.filter { $0.value.status == .unhealthy }.map(\.key)
        await fleet.passed(
            look, input, health: outcome.isConverged ? .ready : .failed, unhealthy: Set(unhealthy))
    }
}
