import ArgumentParser

/// Options of a dry run that is about other nodes of the fleet.
struct NodeOptions: ParsableArguments {
    @Option(
        name: .customLong("node"),
        help: ArgumentHelp(
            "With --dry-run: show what it would do on this node of the fleet; may be repeated.", valueName: "name"))
    var names: [String] = []

    @Flag(name: .customLong("all-nodes"), help: "With --dry-run: show what it would do on each node of the fleet.")
    var isAll = false

    @Option(help: ArgumentHelp("How long nodes may take for an answer.", valueName: "duration"))
    var timeout: Interval = Interval(.seconds(10))

    /// Whether it is about nodes of a fleet at all.
    var areAsked: Bool { isAll || !names.isEmpty }

    func validate() throws {
        if isAll, !names.isEmpty { throw ValidationError("name nodes with --node, or take all with --all-nodes") }
    }
}
