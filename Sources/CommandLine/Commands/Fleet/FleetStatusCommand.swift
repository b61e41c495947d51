import Agent
import ArgumentParser
import Fleet
import Model

/// `reconcile fleet status`: nodes, etcd, and who runs what.
struct FleetStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the fleet's nodes, their revisions and health, and who runs what.",
        discussion: "Exits 0 where etcd answers and every node is ready, else 1.")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let directory = FleetDirectory(dataDirectory: options.dataDir)
            let membership = try directory.read()
            let control = FleetControl(membership)
            async let asked = control.members()
            var view: FleetView?
            var problem: Diagnostic?
            do throws(Diagnostic) { view = try await control.view() } catch { problem = error }
            let report = FleetReport(
                membership: membership, view: view, problem: problem, members: await asked,
                serversEnd: directory.authority.serversEnd, now: WallClock.now())
            await control.close()
            if console.isJSON { console.write(report.json) } else { console.write(report.text(console.style)) }
            if let problem { console.report(problem) }
            return report.isReady ? 0 : 1
        }
    }
}
