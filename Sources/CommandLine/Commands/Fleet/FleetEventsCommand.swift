import Agent
import ArgumentParser
import Fleet
import Model

/// `reconcile fleet events`: what happened on all nodes, newest last.
struct FleetEventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show drift and changes of all nodes, newest last.",
        discussion: """
            Each node is asked for its own log, and its times are by its own clock. Of each node the newest 5000 events, or 1 \
            MiB of them, are shown; how many more there are is told.

            EXAMPLES
              reconcile fleet events --since 10m
              reconcile fleet events --follow -o json container/web

            EXIT STATUS
              0 every node answered; 1 one did not, which is named; 64 wrong usage
            """)

    @OptionGroup var events: EventOptions

    @Option(help: ArgumentHelp("How long nodes may take for an answer.", valueName: "duration"))
    var timeout: Interval = Interval(.seconds(10))

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let membership = try FleetDirectory(dataDirectory: options.dataDir).read()
            let view = try await FleetControl.view(of: membership)
            let choice = try NodeChoice([], live: Set(view.nodes.keys), known: view.members)
            for node in choice.away { console.report(NodeChoice.away(node)) }
            let question = EventsQuestion(
                events.filter, last: events.last, follows: events.follow, nodes: choice.present.count)
            let feed = FleetEventFeed(
                membership: membership, set: options.set, question: question, nodes: choice.present,
                timeout: timeout.duration, console: console)
            let isWhole = events.follow ? try await feed.follow() : try await feed.history()
            return isWhole && choice.away.isEmpty ? 0 : 1
        }
    }
}
