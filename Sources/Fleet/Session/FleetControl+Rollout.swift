import Model

extension FleetControl {
    /// Tells the rollout what to do; answers with what is known of the fleet then.
    public func rollout(_ order: RolloutOrder) async throws(Diagnostic) -> FleetView {
        // Bounded: each further round means that a node wrote in between.
        for _ in 0..<16 {
            let rollout = FleetRollout(try await view())
            if try await commit(try rollout.write(order, at: WallClock.now() * 1000)) { return try await view() }
        }
        throw Diagnostic(code: "fleet-contended", "the rollout changes too often", hint: "try again")
    }
}
