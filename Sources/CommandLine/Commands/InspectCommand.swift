import Agent
import ArgumentParser
import Model

/// `reconcile inspect KIND/NAME`.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show a network or container as it is, as JSON.",
        discussion: """
            EXAMPLES
              reconcile inspect container/web
              reconcile inspect network/front

            Exits 1 for what is neither desired nor present.
            """)

    @Argument(help: ArgumentHelp("container/NAME or network/NAME", valueName: "kind/name"))
    var resource: String

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        guard let id = ResourceID(resource), id.kind != .host else {
            throw ValidationError("\"\(resource)\" is no container/NAME or network/NAME")
        }
        try await console.exiting { () throws(Diagnostic) in
            let look = try await Inspection.look(options.settings)
            guard let json = InspectReport(look, agent: AgentNote.read(options.settings)).json(id) else {
                throw Diagnostic(
                    code: "not-found", "there is no \(id): no manifest names it, and nothing of it exists",
                    hint: id.kind == .container ? Inspection.whereabouts(of: id.name, look) : nil)
            }
            console.write(json)
            return 0
        }
    }
}

/// A look for commands that only ask.
enum Inspection {
    /// Looks at the manifests that count now and the kernel. Where there are no manifests any more, what is there is
    /// still told.
    static func look(_ settings: EngineSettings) async throws(Diagnostic) -> Look {
        let settings = settings.as(AgentNote.read(settings))
        let input = try? ManifestPaths.inputInForce(settings)
        return try await Engine.opened(settings).look(input ?? .nothing)
    }

    /// On which other node of the fleet a container is; `nil` where none says that it has it.
    static func whereabouts(of container: String, _ look: Look) -> String? {
        look.facts.fleet?.remote.values.lazy.flatMap { $0 }.first { $0.container == container }.map {
            "it is on node \($0.node)"
        }
    }
}
