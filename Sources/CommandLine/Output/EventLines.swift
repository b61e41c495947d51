import Agent
import Glibc

/// Writes events to standard error, as the log of a daemon.
struct EventLines: Sendable {
    private let console: Console

    init(_ console: Console) { self.console = console }

    func write(_ event: Event) {
        let isJSON = console.isJSON || console.logFormat == .json
        let line = isJSON ? event.json.text() : EventsCommand.text(event.json)
        Console.write(line + "\n", to: STDERR_FILENO)
    }
}
