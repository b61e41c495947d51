import Agent
import ArgumentParser
import Model

/// `reconcile status`: each resource, and whether it is as the manifests say.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what is ready, and what is not and why.",
        discussion: """
            Reads the kernel afresh. Without a path it asks about the manifests as the agent takes them: a file with an \
            error counts as it last was good. Without an agent, about those of the last pass. Exits 0 where all is \
            ready, else 1.
            """)

    @Argument(help: ArgumentHelp("Files or directories of manifests.", valueName: "path"), completion: .file())
    var paths: [String] = []

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let agent = AgentNote.read(options.settings)
            let settings = options.settings.as(agent)
            var input =
                try paths.isEmpty
                ? ManifestPaths.inputInForce(settings) : ManifestPaths.input(ManifestPaths.resolve(paths))
            let engine = try await Engine.opened(settings)
            let look = try await engine.look(&input, as: paths.isEmpty ? agent : nil)
            console.report(input.diagnostics + input.rejected)
            let report = StatusReport(
                look, of: input, lastPass: LastPass.read(settings), suspensions: Suspensions.read(settings),
                agent: agent)
            if console.isJSON { console.write(report.json) } else { console.write(text(report, console)) }
            return report.isReady ? 0 : 1
        }
    }

    private func text(_ report: StatusReport, _ console: Console) -> String {
        var out = ""
        let columns = console.width
        let width = max(24, (report.entries.map { $0.resource.description.count }.max() ?? 0) + 2)
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        out += padded("RESOURCE", width) + padded("STATE", 13) + "REASON\n"
        for entry in report.entries {
            let state = padded(entry.state.rawValue, 13)
            let shown =
                switch entry.state {
                case .ready: console.style.green(state)
                case .failed: console.style.red(state)
                case .reconciling, .suspended: console.style.yellow(state)
                }
            // Where little room is left beside the first two columns, it goes on below them.
            let start = width + 13
            let indent = (columns ?? .max) - start < 30 ? 4 : start
            let line =
                padded(entry.resource.description, width) + shown
                + TextWrap.text(entry.reason, width: columns, start: start, indent: indent)
            out += line.reversed().drop { $0 == " " }.reversed() + "\n"
        }
        out += "\nRevision \(report.revision.prefix(12))\(report.isLastGood ? " (last good)" : "")."
        if let last = report.lastPass {
            let end = last.isConverged ? "converged" : "failed"
            out += " Last pass \(Timestamp.text(last.time)) (revision \(last.revision.prefix(12))): \(end)."
        }
        if let agent = report.agent {
            out += " Agent \(agent.process)\(agent.detectsOnly ? " (reports only)" : "") is running."
        }
        if let rollout = report.agent?.rollout { out += "\n\(rollout.text)" }
        out += "\nContainer runtime: "
        switch report.runtime {
        case .success(let choice): out += "\(choice.name), \(choice.path): \(choice.reason)."
        case .failure(let problem): out += "none: \(problem.message)."
        }
        out += "\n"
        if let branch = report.agent?.branch, !branch.isReady { out += console.style.yellow(branch.text) + "\n" }
        if let fleet = report.agent?.fleet {
            out += (fleet.isReady ? fleet.text : console.style.yellow(fleet.text)) + "\n"
        }
        for warning in report.warnings { out += "\n\(TextWrap.lines(warning.description, width: columns))\n" }
        return out
    }
}
