import ArgumentParser
import Fleet
import Model

/// `reconcile fleet leave`: this host is no node any more.
struct FleetLeaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave", abstract: "Leave the fleet: give back what this node holds, and forget its key.",
        discussion: """
            Other nodes take its replicas at once, and a running agent ends them here; all else goes on. Started anew, the \
            agent follows its manifests as a host by itself, which runs every replica: stop it before, and give it other \
            manifests, or destroy what is here. Where the fleet began, its authority goes too: then --yes is needed, and \
            nobody can be invited any more.
            """)

    @Flag(help: "Forget the files even where etcd cannot be reached; the node's entry ends with its lease.")
    var force = false

    @Flag(help: "Go on where the fleet's authority is on this host.")
    var yes = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let directory = FleetDirectory(dataDirectory: options.dataDir)
            let membership = try directory.read()
            guard yes || !directory.authority.exists else {
                throw Diagnostic(
                    code: "fleet-authority", "the authority of fleet \(membership.fleet) is on this host",
                    cause: "without it nobody can be invited, and certificates are not renewed",
                    hint: "copy \(directory.authority.path) to another node first; then go on with --yes")
            }
            var given: [Claim] = []
            do throws(Diagnostic) {
                given = try await FleetControl.with(membership) { (control) throws(Diagnostic) in
                    // Where etcd cannot be reached, nothing is touched.
                    try Self.check(membership, try await control.view())
                    return try await directory.remove { () throws(Diagnostic) in
                        try await control.remove(membership.node)
                    }
                }
            } catch {
                guard force else {
                    var error = error
                    if error.code != Self.nameTaken {
                        error.hint = "to forget the files all the same: reconcile fleet leave --force"
                    }
                    throw error
                }
                try directory.remove()
            }
            if console.isJSON {
                console.write([
                    "fleet": .string(membership.fleet), "node": .string(membership.node),
                    "released": .strings(given.map(\.key.description).sorted()),
                ])
            } else {
                let claims = "\(given.count) claim\(given.count == 1 ? "" : "s")"
                console.write(
                    "Node \(membership.node) has left fleet \(membership.fleet); it gave back \(claims).\n")
            }
            return 0
        }
    }

    private static let nameTaken = "fleet-name-taken"

    /// What a live node of the same name on another machine holds is not this host's to give back.
    private static func check(_ membership: FleetMembership, _ view: FleetView) throws(Diagnostic) {
        guard let entry = view.nodes[membership.node], entry.instance != membership.instance else { return }
        throw Diagnostic(
            code: nameTaken, "another machine is node \(membership.node) of fleet \(membership.fleet)",
            cause: "both were given the same bundle, and what the node holds is that one's",
            hint: "to forget the files here, and leave that node as it is: reconcile fleet leave --force")
    }
}
