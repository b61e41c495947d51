import Agent
import ArgumentParser
import Model

/// `reconcile export`: what runs now, as manifests.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print what is running now, as manifests.",
        discussion: """
            Read from the kernel and from what containers were started by. Variables are printed with their values, \
            secrets among them. Applied to the same host, the manifests change nothing; where they would, a warning says so.

            EXAMPLES
              reconcile export > site/all.yaml
              reconcile export -o json | jq '.[].metadata.name'
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let report = try await Engine.opened(options.settings).export()
            if console.isJSON { console.write(.array(report.documents)) } else { console.write(report.yaml) }
            console.report(report.diagnostics)
            return report.diagnostics.contains { $0.severity == .error } ? 1 : 0
        }
    }
}
