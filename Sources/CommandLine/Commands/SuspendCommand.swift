import Agent
import ArgumentParser
import Model

/// `reconcile suspend [KIND/NAME…]`: stop correcting.
struct SuspendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend", abstract: "Stop correcting resources, until they are resumed.",
        discussion: """
            What is suspended is left alone, whatever it looks like: neither repaired, changed nor removed. status shows \
            it as Suspended. It lasts over restarts and reboots. destroy removes it all the same.

            EXAMPLES
              reconcile suspend container/web network/front
              reconcile suspend                              everything of the set
            """)

    @Argument(help: ArgumentHelp("What to suspend; everything of the set where none is named.", valueName: "kind/name"))
    var resources: [String] = []

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let settings = options.settings
            let wanted = try await KnownResources.find(resources, settings)
            let now = Timestamp.now()
            let answers = try Suspensions.update(settings) { suspensions in
                guard !wanted.isEmpty else {
                    return [SuspensionAnswer(nil, changed: suspensions.suspendAll(at: now), since: suspensions.all)]
                }
                return wanted.map { resource in
                    let isNew = suspensions.suspend(resource, at: now)
                    return SuspensionAnswer(resource, changed: isNew, since: suspensions.since(resource))
                }
            }
            AgentNote.read(settings)?.wake()
            SuspensionAnswer.show(answers, isSuspended: true, set: settings.set, console)
            return 0
        }
    }
}
