import Agent
import ArgumentParser
import Model

/// `reconcile resume [KIND/NAME…]`: correct again what was suspended.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Correct resources again that were suspended.",
        discussion: """
            The agent does so at once; without one, the next apply does.

            EXAMPLES
              reconcile resume container/web
              reconcile resume                  everything of the set
            """)

    @Argument(help: ArgumentHelp("What to resume; everything of the set where none is named.", valueName: "kind/name"))
    var resources: [String] = []

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let settings = options.settings
            let wanted = try await KnownResources.find(resources, settings)
            let answers = try Suspensions.update(settings) { suspensions in
                guard !wanted.isEmpty else { return [SuspensionAnswer(nil, changed: suspensions.resumeAll())] }
                return wanted.map { SuspensionAnswer($0, changed: suspensions.resume($0)) }
            }
            AgentNote.read(settings)?.wake()
            SuspensionAnswer.show(answers, isSuspended: false, set: settings.set, console)
            return 0
        }
    }
}
