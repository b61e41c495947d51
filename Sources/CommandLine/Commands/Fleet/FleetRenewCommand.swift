import ArgumentParser
import Fleet
import Model

/// `reconcile fleet renew`: new certificates for etcd's members.
struct FleetRenewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew", abstract: "Make new keys and certificates for etcd's members.",
        discussion: """
            Runs where the fleet began. Those of nodes are renewed by the agent there, by itself. etcd takes the new files \
            without a restart.
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        try await console.exiting { () throws(Diagnostic) in
            let directory = FleetDirectory(dataDirectory: options.dataDir)
            let membership = try directory.read()
            let authority = try directory.authority.read()
            try directory.authority.issueServers(authority, membership.endpoints, WallClock.now())
            let folders = membership.endpoints.map { "\(directory.authority.etcd)/\($0.host)" }
            if console.isJSON {
                console.write(["folders": .strings(folders)])
            } else {
                for (member, folder) in zip(membership.endpoints, folders) {
                    console.write("\(folder)/*  ->  \(member.host):/etc/etcd/reconcile/\n")
                }
            }
            return 0
        }
    }
}
