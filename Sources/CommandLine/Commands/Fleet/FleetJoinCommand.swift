import ArgumentParser
import Fleet
import Model

/// `reconcile fleet join FILE`: makes this host a node of a fleet.
struct FleetJoinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Join a fleet with a bundle.",
        discussion: """
            Checks the bundle, asks etcd whether it takes it, and writes DATA-DIR/fleet. Start the agent anew after it, and \
            remove the bundle.
            """)

    @Argument(help: ArgumentHelp("The bundle that fleet invite made.", valueName: "file"), completion: .file())
    var file: String

    @Flag(help: "Do not ask etcd: it may not run yet.")
    var offline = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let bundle = try FleetBundle.read(file, now: WallClock.now())
            let directory = FleetDirectory(dataDirectory: options.dataDir)
            try directory.create(
                fleet: bundle.fleet, node: bundle.node, endpoints: bundle.endpoints, leaseSeconds: bundle.leaseSeconds
            ) { (_) throws(Diagnostic) in bundle.identity }
            if !offline {
                do throws(Diagnostic) {
                    let view = try await FleetControl.view(of: try directory.read())
                    guard view.nodes[bundle.node] == nil else {
                        throw Diagnostic(
                            code: "fleet-name-taken", "node \(bundle.node) is in the fleet already",
                            hint: "if that was this host, wait until its lease is over, some seconds; else invite it "
                                + "under another name")
                    }
                } catch {
                    try directory.remove()
                    throw error
                }
            }
            if console.isJSON {
                console.write(["fleet": .string(bundle.fleet), "node": .string(bundle.node)])
            } else {
                console.write("This host is node \(bundle.node) of fleet \(bundle.fleet). Remove \(file) now.\n")
            }
            return 0
        }
    }
}
