import ArgumentParser

/// `reconcile fleet`: several hosts that share an etcd.
struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet", abstract: "Several hosts with one control plane in etcd.",
        discussion: """
            EXAMPLES
              reconcile fleet init --etcd 10.0.0.1 --etcd 10.0.0.2 --etcd 10.0.0.3
              reconcile fleet invite node2 --file node2.fleet
              reconcile fleet join node2.fleet
              reconcile fleet status
              reconcile fleet events --follow
              reconcile fleet rollout status
            """,
        subcommands: [
            FleetInitCommand.self, FleetInviteCommand.self, FleetJoinCommand.self, FleetStatusCommand.self,
            FleetEventsCommand.self, FleetRolloutCommand.self, FleetLeaveCommand.self, FleetRevokeCommand.self,
            FleetRenewCommand.self,
        ])
}
