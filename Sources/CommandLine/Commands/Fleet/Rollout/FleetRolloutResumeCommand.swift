import ArgumentParser
import Fleet

/// `reconcile fleet rollout resume`.
struct FleetRolloutResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on: after a pause, or once more after a failure.",
        discussion: """
            After a failure every node is judged anew, the one that failed first. A commit that mends what is wrong needs \
            no resume: it is rolled out as it comes.
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        try await RolloutOrderCommand.run(.resume, options) {
            "The rollout of commit \(RolloutOrderCommand.short($0.record?.revision)) goes on."
        }
    }
}
