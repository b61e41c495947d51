import Agent
import ArgumentParser
import Model

/// `reconcile events`: what happened, newest last.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show drift and changes, newest last.",
        discussion: """
            EXAMPLES
              reconcile events --since 10m
              reconcile events container/web network/front --last 20 --follow
            """)

    @OptionGroup var events: EventOptions

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        let filter = events.filter
        let reader = EventReader(dataDirectory: options.dataDir)
        for event in reader.newest(events.last ?? .max, filter) { show(event, console) }
        guard events.follow else { return }
        await reader.follow(filter) { show($0, console) }
    }

    private func show(_ event: JSONValue, _ console: Console) {
        console.isJSON ? console.writeLine(event) : console.write(Self.text(event) + "\n")
    }

    static func text(_ event: JSONValue) -> String {
        func word(_ name: String) -> String { event[name]?.string ?? "" }
        var parts = [word("time"), word("node"), word("event"), word("resource"), word("object")].filter { !$0.isEmpty }
        let field = word("field")
        if !field.isEmpty {
            let (before, after) = (plain(event["observed"]), plain(event["desired"]))
            // Some events name a field and no values: what is contended, a health that changed. A state, of the rollout
            // or of a container that ended and rests, is nothing that should be otherwise.
            let isState = word("event") != Event.Kind.drift.rawValue && (event["desired"] ?? .null) == .null
            parts.append(before == after ? field : "\(field): \(before)" + (isState ? "" : " -> \(after)"))
        }
        if !word("action").isEmpty, word("action") != "none" { parts.append("(\(word("action")))") }
        if !word("cause").isEmpty { parts.append("# \(position(event))\(word("cause"))") }
        return parts.joined(separator: "  ")
    }

    /// Where in the manifests one has to look: of what went wrong. Elsewhere the resource says enough.
    private static func position(_ event: JSONValue) -> String {
        guard event["event"]?.string == "failed", let source = event["source"], let file = source["file"]?.string,
            let line = source["line"]?.int, let column = source["column"]?.int
        else { return "" }
        return "\(file):\(line):\(column): "
    }

    private static func plain(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text): text.isEmpty ? "(none)" : text
        case .null, nil: "(none)"
        case let value?: value.text()
        }
    }
}
