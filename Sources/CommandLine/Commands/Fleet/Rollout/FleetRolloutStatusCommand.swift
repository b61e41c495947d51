import Agent
import ArgumentParser
import Fleet
import Model

/// `reconcile fleet rollout status`: which node has which commit, and who changes.
struct FleetRolloutStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show which node has which commit, who is changing, and why it stopped.",
        discussion: "Exits 0 where every node has the commit and is healthy, or none is rolled out; else 1.")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let membership = try FleetDirectory(dataDirectory: options.dataDir).read()
            let view = try await FleetControl.view(of: membership)
            let report = RolloutReport(view)
            if console.isJSON { console.write(report.json) } else { console.write(report.text(console.style)) }
            return report.isSettled ? 0 : 1
        }
    }
}
