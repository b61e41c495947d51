import ArgumentParser
import Fleet

/// `reconcile fleet rollout pause`.
struct FleetRolloutPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let no node begin to change, until it is resumed.",
        discussion: """
            Nodes that are changing go on to the end. Newer commits wait, too. What runs is kept and repaired.
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        try await RolloutOrderCommand.run(.pause, options) {
            "The rollout of commit \(RolloutOrderCommand.short($0.record?.revision)) is paused."
        }
    }
}
