import ArgumentParser
import Fleet

/// `reconcile fleet rollout set`: how many nodes at once, and how long they may take.
struct FleetRolloutSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Say how many nodes may change at once, and how long each may take.")

    @Option(
        help: ArgumentHelp("How many nodes may be changing, or unwell, at once; 1 at first.", valueName: "nodes"))
    var maxUnavailable: Int?

    @Option(
        help: ArgumentHelp(
            "How long a node may take to be healthy with a commit, before it has failed; 5m at first.",
            valueName: "duration"))
    var healthyWithin: Interval?

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard maxUnavailable != nil || healthyWithin != nil else {
            throw ValidationError("name --max-unavailable or --healthy-within")
        }
        if let maxUnavailable, !(1...10_000).contains(maxUnavailable) {
            throw ValidationError("--max-unavailable is 1 to 10000")
        }
        if let healthyWithin, healthyWithin.duration < .seconds(1) {
            throw ValidationError("--healthy-within is 1s at least")
        }
    }

    func run() async throws {
        let milliseconds = healthyWithin.map { $0.duration.components.seconds * 1000 }
        try await RolloutOrderCommand.run(
            .set(maxUnavailable: maxUnavailable, healthyWithin: milliseconds), options
        ) { RolloutReport.limits($0.settings) }
    }
}
