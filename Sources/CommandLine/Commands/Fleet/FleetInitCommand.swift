import ArgumentParser
import Fleet
import Model

/// `reconcile fleet init`: begins a fleet on this host.
struct FleetInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Begin a fleet: an authority, and certificates for etcd and this node.",
        discussion: """
            Writes below DATA-DIR/fleet and contacts nobody. It prints how to start etcd. The authority's key stays here: \
            this host invites nodes, and its agent renews their certificates.
            """)

    @Option(help: ArgumentHelp("A member of etcd as nodes reach it: HOST[:PORT]. Once for each.", valueName: "address"))
    var etcd: [String]

    @Option(help: ArgumentHelp("The fleet's name.", valueName: "name"))
    var name = "main"

    @Option(help: ArgumentHelp("This node's name; default the host's.", valueName: "node"))
    var node: String?

    @Option(
        help: ArgumentHelp(
            "How long a node that is not heard of keeps its replicas, before others run them.", valueName: "duration"))
    var lease: Interval = Interval(.seconds(FleetLease.usual))

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        let (seconds, rest) = lease.duration.components
        guard rest == 0, FleetLease.range.contains(Int(seconds)) else {
            throw ValidationError(
                "--lease is \(FleetLease.range.lowerBound)s to \(FleetLease.range.upperBound)s, in whole seconds")
        }
    }

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let members = try FleetArguments.endpoints(etcd)
            let name = try FleetArguments.name(name, "fleet")
            let node = try FleetArguments.name(node ?? FleetArguments.hostName, "node")
            let now = WallClock.now()
            let directory = FleetDirectory(dataDirectory: options.dataDir)
            let authority = try Authority.make(fleet: name, now: now)
            let seconds = Int(lease.duration.components.seconds)
            try directory.create(fleet: name, node: node, endpoints: members, leaseSeconds: seconds) {
                (new) throws(Diagnostic) in
                try new.authority.create(authority, members: members, now: now)
                return try new.authority.issueClient(authority, node, now: now, lifetime: Authority.clientLifetime)
            }
            if console.isJSON {
                console.write([
                    "fleet": .string(name), "node": .string(node), "etcd": .string(directory.authority.etcd),
                    "endpoints": .strings(members.map(\.description)), "leaseSeconds": .int(Int64(seconds)),
                ])
            } else {
                console.write("Fleet \(name) begins on node \(node).\n\n")
                console.write(EtcdInstructions(members: members, folder: directory.authority.etcd, fleet: name).text)
            }
            return 0
        }
    }
}
