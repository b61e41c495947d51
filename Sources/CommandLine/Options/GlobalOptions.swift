import Agent
import ArgumentParser
import LinuxHost
import Model

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// How the log on standard error is written.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// What of the log is written.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case error
    case warning
    case info
    case debug
}

extension AddressPool: ExpressibleByArgument {
    /// `BASE:SIZE`.
    public init?(argument: String) { self.init(argument) }
}

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(name: [.short, .customLong("output")], help: "Print results as text or json.")
    var output: OutputFormat = .text

    @Flag(name: .customLong("no-color"), help: "Print without colours (as does the variable NO_COLOR).")
    var noColor = false

    @Option(help: "Write the log as text or json.")
    var logFormat: LogFormat = .text

    @Option(help: "Write to the log what is at least an error, a warning, info or debug.")
    var logLevel: LogLevel = .warning

    @Option(help: ArgumentHelp("The ownership set to work on.", valueName: "name"))
    var set: String = "default"

    @Option(help: ArgumentHelp("Where what lives with the kernel's state is kept.", valueName: "dir"))
    var runtimeDir: String = "/run/reconcile"

    @Option(help: ArgumentHelp("Where what survives a reboot is kept.", valueName: "dir"))
    var dataDir: String = "/var/lib/reconcile"

    @Option(
        name: .customLong("address-pool"),
        help: ArgumentHelp(
            "Choose subnets from this range, each of that size; may be repeated. Default: those of "
                + "\(AddressPoolFile.path), else Docker's.", valueName: "base:size"))
    var addressPools: [AddressPool] = []

    @Option(
        name: .customLong("node-label"),
        help: ArgumentHelp(
            "A label of this node, which nodeSelector matches; may be repeated. Goes before \(NodeLabelFile.path).",
            valueName: "key=value"))
    var nodeLabels: [NodeLabel] = []

    func validate() throws {
        let isLabel =
            set.utf8.count <= 32 && !set.isEmpty && !set.hasPrefix("-")
            && set.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
        guard set != "user" else {
            throw ValidationError(
                "no set can be named user: its firewall table, inet reconcile-user, is for your own rules")
        }
        guard isLabel else {
            throw ValidationError("a set is named by at most 32 lower-case letters, digits and hyphens, not \"\(set)\"")
        }
    }

    var settings: EngineSettings {
        EngineSettings(
            set: set, runtimeDirectory: WorkingDirectory.absolute(runtimeDir),
            dataDirectory: WorkingDirectory.absolute(dataDir),
            addressPools: addressPools,
            nodeLabels: Dictionary(nodeLabels.map { ($0.key, $0.value) }) { $1 })
    }

    var console: Console {
        Console(usesColour: !noColor, isJSON: output == .json, logLevel: logLevel, logFormat: logFormat)
    }
}
