import ArgumentParser

/// The command itself: its subcommands, and `apply` where none is named.
public struct ReconcileCommand: AsyncParsableCommand {
    /// The version that `--version` prints.
    public static let version = "0.1.0"

    /// Name, help and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Makes this host's networks, containers and published ports match a directory of YAML manifests.",
        discussion: """
            EXAMPLES
              reconcile --dry-run                  show what ./manifests would change
              reconcile                            make it so, and prove it
              reconcile apply web.yaml             apply one file; nothing else is removed
              reconcile status                     what is ready, and what is not
              reconcile inspect container/web      addresses, ports, process
              reconcile destroy                    remove all that reconcile owns
            """,
        version: version,
        subcommands: [
            ApplyCommand.self, ValidateCommand.self, StatusCommand.self, InspectCommand.self, PortCommand.self,
            LogsCommand.self, ExecCommand.self, EventsCommand.self, DestroyCommand.self, SchemaCommand.self,
        ],
        defaultSubcommand: ApplyCommand.self)

    /// Made by the argument parser.
    public init() {}

    /// Runs the command that the process's arguments name, and ends the process.
    public static func start() async {
        ProcessLimits.prepare()
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        await main(
            ArgumentOrder.subcommandFirst(
                Array(Swift.CommandLine.arguments.dropFirst()), subcommands: Set(names + ["help"])))
    }
}
