import ArgumentParser
import Fleet

/// `reconcile fleet rollout undo`.
struct FleetRolloutUndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Bring the nodes that took the commit back to the one before.",
        discussion: """
            In turns, as forth. The fleet stays there until another commit comes.
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        try await RolloutOrderCommand.run(.undo, options) {
            "The nodes that took commit \(RolloutOrderCommand.short($0.record?.revision)) go back to \(RolloutOrderCommand.short($0.record?.previous))."
        }
    }
}
