import Agent
import ArgumentParser
import Model

/// `reconcile events`: what happened, newest last.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show drift and changes, newest last.")

    @Flag(name: .shortAndLong, help: "Go on with events as they come.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: "Only the newest of them.")
    var last: Int?

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        let log = EventLog(dataDirectory: options.dataDir)
        for event in log.read(last: last ?? .max) { show(event, console) }
        guard follow else { return }
        for await event in log.follow() { show(event, console) }
    }

    private func show(_ event: JSONValue, _ console: Console) {
        console.isJSON ? console.writeLine(event) : console.write(Self.text(event) + "\n")
    }

    static func text(_ event: JSONValue) -> String {
        func word(_ name: String) -> String { event[name]?.string ?? "" }
        var parts = [word("time"), word("event"), word("resource"), word("object")].filter { !$0.isEmpty }
        let field = word("field")
        if !field.isEmpty {
            parts.append("\(field): \(plain(event["observed"])) -> \(plain(event["desired"]))")
        }
        if !word("action").isEmpty, word("action") != "none" { parts.append("(\(word("action")))") }
        if !word("cause").isEmpty { parts.append("# \(word("cause"))") }
        return parts.joined(separator: "  ")
    }

    private static func plain(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text): text.isEmpty ? "(none)" : text
        case .null, nil: "(none)"
        case let value?: value.text()
        }
    }
}
