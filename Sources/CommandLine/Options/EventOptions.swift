import Agent
import ArgumentParser
import Model

/// Which events are wanted.
struct EventOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Go on with events as they come.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: "Only the newest of them.")
    var last: Int?

    @Option(
        help: ArgumentHelp(
            "Only from then on: a duration such as 10m, or a time such as 2026-01-31T09:05:00Z.", valueName: "time"))
    var since: PointInTime?

    @Argument(help: ArgumentHelp("Only events of these resources.", valueName: "kind/name"))
    var resources: [String] = []

    func validate() throws {
        for resource in resources where ResourceID(resource) == nil {
            throw ValidationError("\"\(resource)\" is no container/NAME or network/NAME")
        }
    }

    var filter: EventFilter {
        EventFilter(
            resources: Set(resources.compactMap { ResourceID($0) }), since: since?.milliseconds(now: Timestamp.now()))
    }
}
