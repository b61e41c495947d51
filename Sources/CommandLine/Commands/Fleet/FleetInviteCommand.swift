import ArgumentParser
import Fleet
import Model

/// `reconcile fleet invite NODE`: makes what another host needs to join.
struct FleetInviteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite", abstract: "Make the bundle with which another host joins.",
        discussion: """
            The file holds a private key: who has it is that node. Copy it over a safe way, and remove it once the node has \
            joined. Runs where the fleet began.
            """)

    @Argument(help: ArgumentHelp("The new node's name.", valueName: "node"))
    var node: String

    @Option(name: .customLong("file"), help: ArgumentHelp("Where to write it; default NODE.fleet.", valueName: "file"))
    var file: String?

    @Option(help: ArgumentHelp("How long it can be used to join.", valueName: "duration"))
    var expires: Interval = Interval(.seconds(86400))

    @Option(
        help: ArgumentHelp("How long the node's certificate holds; it is renewed on the way.", valueName: "duration"))
    var lifetime: Interval = Interval(.seconds(Authority.clientLifetime))

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let node = try FleetArguments.name(node, "node")
            let directory = FleetDirectory(dataDirectory: options.dataDir)
            let membership = try directory.read()
            guard node != membership.node else {
                throw Diagnostic(
                    code: "fleet-name", "node \(node) is this host", hint: "every node has a name of its own")
            }
            let now = WallClock.now()
            let authority = try directory.authority.read()
            let identity = try directory.authority.issueClient(
                authority, node, now: now, lifetime: lifetime.duration.components.seconds)
            let path = file ?? "\(node).fleet"
            let end = now + expires.duration.components.seconds
            try FleetBundle(
                fleet: membership.fleet, node: node, endpoints: membership.endpoints, expires: end,
                leaseSeconds: membership.leaseSeconds, identity: identity
            ).write(to: path)
            if console.isJSON {
                console.write(["node": .string(node), "file": .string(path), "expires": .int(end)])
            } else {
                console.write(
                    "\(path) lets one host join fleet \(membership.fleet) as node \(node). It holds a private key.\n"
                        + "There:    reconcile fleet join \(path)\n")
            }
            return 0
        }
    }
}
