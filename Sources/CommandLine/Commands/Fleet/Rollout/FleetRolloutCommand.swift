import ArgumentParser

/// `reconcile fleet rollout`: how a commit goes over the fleet.
struct FleetRolloutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout", abstract: "How a commit goes over the fleet: one node after the other.",
        discussion: """
            Nodes that follow a branch (agent --git) take a commit in turns, and give the turn back when they are healthy \
            with it. One that fails stops the rollout: the others keep what they have.

            EXAMPLES
              reconcile fleet rollout status
              reconcile fleet rollout set --max-unavailable 2 --healthy-within 60s
              reconcile fleet rollout pause
              reconcile fleet rollout undo
            """,
        subcommands: [
            FleetRolloutStatusCommand.self, FleetRolloutPauseCommand.self, FleetRolloutResumeCommand.self,
            FleetRolloutUndoCommand.self, FleetRolloutSetCommand.self,
        ],
        defaultSubcommand: FleetRolloutStatusCommand.self)
}
