import Agent
import ArgumentParser
import Manifests
import Model
import Planning

/// `reconcile graph`: networks, containers, published ports and the uplink as a picture.
struct GraphCommand: AsyncParsableCommand {
    /// How the picture is written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case mermaid
        case dot
        case svg
    }

    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draw networks, containers, published ports and the uplink.",
        discussion: """
            Without a path: what is there now. With one: what the manifests ask for; without privileges as it would be \
            on an empty host. With -o json the same as data.

            EXAMPLES
              reconcile graph                                  Mermaid, for Markdown
              reconcile graph --format svg > host.svg
              reconcile graph --format dot site/ | dot -T png > site.png
            """)

    @Argument(help: ArgumentHelp("Files or directories of manifests.", valueName: "path"), completion: .file())
    var paths: [String] = []

    @Option(help: "Draw as a Mermaid flowchart, in Graphviz's dot, or as an SVG picture.")
    var format: Format = .mermaid

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            guard let topology = try await topology(console) else { return 1 }
            if console.isJSON { console.write(topology.json) } else { console.write(text(topology)) }
            return 0
        }
    }

    private func text(_ topology: Topology) -> String {
        switch format {
        case .mermaid: MermaidGraph(topology).render()
        case .dot: DotGraph(topology).render()
        case .svg: SVGGraph(topology).render()
        }
    }

    /// `nil` where the manifests have errors, which are reported.
    private func topology(_ console: Console) async throws(Diagnostic) -> Topology? {
        guard !paths.isEmpty else { return try await Engine(options.settings).topology() }
        let input = ManifestPaths.input(paths)
        console.report(input.diagnostics)
        guard !input.hasErrors else { return nil }
        let (topology, diagnostics) = try await derived(input)
        console.report(diagnostics)
        return topology
    }

    private func derived(_ input: PassInput) async throws(Diagnostic) -> (Topology, [Diagnostic]) {
        let engine: Engine
        do throws(Diagnostic) { engine = try Engine(options.settings) } catch {
            guard error.code == "not-permitted" else { throw error }
            return try Engine.offlineTopology(input, options.settings)
        }
        return try await engine.topology(of: input)
    }
}
