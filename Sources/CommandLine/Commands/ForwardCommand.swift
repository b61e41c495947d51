import ArgumentParser
import Forwarder
import Glibc

/// `reconcile forward CONFIGURATION`: the process that serves published ports on ::1. The engine starts it; nobody types
/// it, and no other command touches its module.
struct ForwardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forward", abstract: "Serve published ports on ::1. reconcile starts this by itself.",
        shouldDisplay: false)

    @Argument(help: "What to serve.")
    var configuration: String

    @Flag(name: .customLong("confined"), help: .private)
    var isConfined = false

    func run() throws {
        if isConfined { try ForwarderProcess.serve(configuration: configuration) }
        let failure = Confinement.enter(Swift.CommandLine.arguments + ["--confined"])
        Console.write("error: \(failure)\n", to: STDERR_FILENO)
        throw ExitCode.failure
    }
}
