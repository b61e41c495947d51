import ArgumentParser
import Fleet
import Model

/// `reconcile fleet revoke NODE`: the node's certificates are worth nothing any more.
struct FleetRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke a node's certificates, and take it out of the fleet.",
        discussion: """
            Runs where the fleet began. etcd refuses the node's new connections once its members have the new crl.pem; copy \
            it to them, as the output says. A connection that is open lasts until the member is restarted.
            """)

    @Argument(help: ArgumentHelp("The node.", valueName: "node"))
    var node: String

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let directory = FleetDirectory(dataDirectory: options.dataDir)
            let membership = try directory.read()
            guard node != membership.node else {
                throw Diagnostic(
                    code: "fleet-name", "node \(node) is this host", hint: "to leave: reconcile fleet leave")
            }
            let authority = try directory.authority.read()
            let count = try directory.authority.revoke(authority, node, now: WallClock.now())
            guard count > 0 else {
                throw Diagnostic(
                    code: "fleet-unknown-node", "node \(node) has no certificate of this fleet",
                    hint: "reconcile fleet status lists the nodes")
            }
            var problem: Diagnostic?
            do throws(Diagnostic) {
                _ = try await FleetControl.with(membership) { (control) throws(Diagnostic) in
                    try await control.remove(node)
                }
            } catch { problem = error }
            if var problem {
                problem.severity = .warning
                problem.message = "the node's entry stays until its lease ends: " + problem.message
                console.report(problem)
            }
            let files = membership.endpoints.map { "\(directory.authority.etcd)/\($0.host)/crl.pem" }
            if console.isJSON {
                console.write([
                    "node": .string(node), "revoked": .int(Int64(count)), "files": .strings(files),
                ])
            } else {
                console.write(
                    "Node \(node) is revoked: \(count) certificates. Copy to etcd's members, no restart needed:\n")
                for (member, file) in zip(membership.endpoints, files) {
                    console.write("  \(file)  ->  \(member.host):/etc/etcd/reconcile/crl.pem\n")
                }
                console.write("What \(node) has open lasts until those are restarted, one by one.\n")
            }
            return 0
        }
    }
}
