import ArgumentParser
import Containers
import Glibc
import Model

/// `reconcile exec NAME -- CMD…`: a command inside a running container.
struct ExecCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a command inside a running container.",
        discussion: """
            Standard streams are passed through, and so is the exit code; 127 where there is no such program, 126 \
            where it cannot be run. On a terminal the command gets one.

            EXAMPLES
              reconcile exec web -- cat /etc/hosts
              reconcile exec web -- sh
            """)

    @Option(name: .shortAndLong, help: "Run as user[:group].")
    var user: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Run in this directory.", valueName: "dir"))
    var workdir: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Set a variable.", valueName: "name=value"))
    var env: [String] = []

    @Argument(help: ArgumentHelp("The container.", valueName: "name"))
    var name: String

    @Argument(parsing: .postTerminator, help: ArgumentHelp("The command and its arguments.", valueName: "command"))
    var command: [String] = []

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        guard !command.isEmpty else { throw ValidationError("name the command after --: reconcile exec \(name) -- sh") }
        let variables = try env.map { text in
            guard let equals = text.firstIndex(of: "=") else { throw ValidationError("\"\(text)\" is no NAME=VALUE") }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
        try await console.exiting { () throws(Diagnostic) in
            let layout = options.settings.layout
            let containers = ContainerObserver(layout: layout).observe().filter { $0.name == name }
            guard let container = containers.first(where: { $0.state == .running }) else {
                throw Diagnostic(
                    code: "not-running",
                    containers.isEmpty ? "there is no container \(name)" : "container \(name) is not running",
                    hint: "reconcile status")
            }
            let runtime = try ContainerRuntime(layout: layout)
            do {
                return try await runtime.exec(
                    container.id, command: command, terminal: isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1,
                    user: user, directory: workdir,
                    environment: Dictionary(variables, uniquingKeysWith: { _, last in last }))
            } catch {
                let diagnostic = error as? Diagnostic ?? Diagnostic(code: "exec-failed", "\(error)")
                guard let status = Self.status(of: diagnostic) else { throw diagnostic }
                console.report(diagnostic)
                return status
            }
        }
    }

    /// What shells and Docker answer where the program is not there, or is none.
    static func status(of diagnostic: Diagnostic) -> Int32? {
        switch diagnostic.code {
        case "program-not-found": 127
        case "program-not-executable": 126
        default: nil
        }
    }
}
