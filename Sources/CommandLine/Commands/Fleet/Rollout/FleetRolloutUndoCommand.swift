import ArgumentParser
import Fleet

/// `reconcile fleet rollout undo`.
struct FleetRolloutUndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Bring all nodes back to the last commit that got to its end.",
        discussion: """
            In turns, as forth. The fleet stays there until another commit comes.
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        try await RolloutOrderCommand.run(.undo, options) {
            "Commit \(RolloutOrderCommand.short($0.record?.revision)) is undone: all nodes go back to \(RolloutOrderCommand.short($0.record?.previous))."
        }
    }
}
