import ArgumentParser
import Forwarder
import Glibc

/// `reconcile serve-names PROGRAM ARGUMENT…`: becomes aardvark-dns, with the one capability that it needs. The engine
/// starts it; nobody types it.
struct ServeNamesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-names", abstract: "Become the server of names. reconcile starts this by itself.",
        shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough, help: "The program and its arguments.")
    var command: [String]

    func run() throws {
        let failure = Confinement.become(command)
        Console.write("error: \(failure)\n", to: STDERR_FILENO)
        throw ExitCode.failure
    }
}
