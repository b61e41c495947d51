import Agent
import ArgumentParser
import Fleet
import Glibc
import LinuxHost
import Model
import Planning

/// `reconcile destroy`: removes all that the set owns, and nothing else.
struct DestroyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy", abstract: "Remove all that reconcile owns, and nothing else.",
        discussion: "Asks before it does, but only on a terminal. Pulled images and logs stay.")

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let settings = options.settings
            let lock = try PassLock(settings)
            defer { withExtendedLifetime(lock) {} }
            let engine = try Engine(settings)
            let look = try await engine.look(.nothing)
            guard !look.plan.isEmpty else {
                _ = try await engine.converge(.nothing, from: look, reporter: reporter(console))
                engine.forget()
                LastPass.forget(settings)
                if !console.isJSON { console.write("Nothing of set \(settings.set) is here.\n") }
                return 0
            }
            if console.isJSON {
                console.writeLine(["type": "plan", "plan": look.plan.json])
            } else {
                console.write(PlanText(look.plan, style: console.style).render())
            }
            guard yes || isatty(STDIN_FILENO) == 0 || Self.confirms(console) else { return 1 }
            if !console.isJSON { console.write("\n") }
            Interrupts.watch()
            let outcome = try await engine.converge(.nothing, from: look, reporter: reporter(console))
            for (_, diagnostic) in outcome.failures { console.report(diagnostic) }
            console.report(outcome.warnings)
            if let status = Interrupts.status, !outcome.isConverged {
                ApplySummary.tellOfInterruption(outcome)
                return status
            }
            guard outcome.isConverged else { return 1 }
            engine.forget()
            LastPass.forget(settings)
            if !console.isJSON {
                console.write("\nDestroyed. The host is as it was found.\n\(Self.membership(settings))")
            }
            return 0
        }
    }

    /// A host that has nothing of its fleet is a member still.
    private static func membership(_ settings: EngineSettings) -> String {
        guard let member = try? FleetDirectory(dataDirectory: settings.dataDirectory).read() else { return "" }
        return "It is node \(member.node) of fleet \(member.fleet) still: reconcile fleet leave\n"
    }

    private func reporter(_ console: Console) -> ApplyReporter {
        ApplyReporter(console: console, events: EventLog(dataDirectory: options.dataDir), revision: "")
    }

    private static func confirms(_ console: Console) -> Bool {
        console.write("\nRemove all of this? Only \"yes\" goes on: ")
        return readLine() == "yes"
    }
}
