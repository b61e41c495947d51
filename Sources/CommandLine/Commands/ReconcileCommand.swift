import ArgumentParser
import Glibc

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
            LogsCommand.self, ExecCommand.self, EventsCommand.self, AgentCommand.self, ExportCommand.self,
            GraphCommand.self, SuspendCommand.self, ResumeCommand.self, DestroyCommand.self, SchemaCommand.self,
            FleetCommand.self, ForwardCommand.self, ServeNamesCommand.self,
        ],
        defaultSubcommand: ApplyCommand.self)

    /// Made by the argument parser.
    public init() {}

    /// Runs the command that the process's arguments name, and ends the process.
    public static func start() async {
        ProcessLimits.prepare()
        let arguments = Array(Swift.CommandLine.arguments.dropFirst())
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        let shown = configuration.subcommands.filter { $0.configuration.shouldDisplay }
            .compactMap { $0.configuration.commandName }
        let groups = groups(of: configuration.subcommands)
        let ordered = ArgumentOrder.subcommandFirst(arguments, subcommands: Set(names + ["help"]), groups: groups)
        if names.first(where: { $0 == ordered.first }) == nil || groups[ordered.first ?? ""] != nil,
            let mistyped = ArgumentOrder.mistyped(ordered, subcommands: Set(shown), groups: groups)
        {
            let path = mistyped.word.contains(" ") ? "" : ", and no such path"
            Console.write(
                "error: there is no command \(mistyped.word)\(path)\n  hint: did you mean "
                    + "\"reconcile \(mistyped.meant)\"?\n", to: STDERR_FILENO)
            Glibc.exit(EX_USAGE)
        }
        await main(ordered)
    }

    /// The subcommands of those that have some, by their names.
    private static func groups(
        of commands: [any ParsableCommand.Type], below words: [String] = []
    ) -> [String: Set<String>] {
        var groups: [String: Set<String>] = [:]
        for command in commands {
            let inner = command.configuration.subcommands
            guard let name = command.configuration.commandName, !inner.isEmpty else { continue }
            groups[(words + [name]).joined(separator: " ")] = Set(inner.compactMap { $0.configuration.commandName })
            groups.merge(self.groups(of: inner, below: words + [name])) { first, _ in first }
        }
        return groups
    }
}
