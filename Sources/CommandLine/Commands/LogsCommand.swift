import ArgumentParser
import Containers
import Glibc
import Model

/// `reconcile logs NAME`: what a container wrote.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show what a container wrote to standard output and standard error.",
        discussion: """
            EXAMPLES
              reconcile logs web --tail 20 --follow
            """)

    @Argument(help: ArgumentHelp("The container.", valueName: "name"))
    var name: String

    @Flag(name: .shortAndLong, help: "Go on with what it writes.")
    var follow = false

    @Option(name: [.customShort("n"), .long], help: "Only the newest lines.")
    var tail: Int?

    @Flag(name: .shortAndLong, help: "Put the time before each line.")
    var timestamps = false

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let console = options.console
        let layout = options.settings.layout
        let log = ContainerLog(layout: layout, name: name)
        try await console.exiting { () throws(Diagnostic) in
            guard log.exists else {
                throw Diagnostic(code: "not-found", "there are no logs of a container \(name)")
            }
            return 0
        }
        if follow {
            for await line in log.follow(tail: tail) { show(line, console) }
        } else {
            for line in log.read(tail: tail) { show(line, console) }
        }
    }

    private func show(_ line: LogLine, _ console: Console) {
        if console.isJSON {
            console.writeLine([
                "time": .string(line.time), "stream": .string(line.stream.rawValue), "text": .string(line.text),
            ])
        } else {
            let text = (timestamps ? line.time + " " : "") + line.output
            Console.write(text, to: line.stream == .stdout ? STDOUT_FILENO : STDERR_FILENO)
        }
    }
}
