import Glibc
import Model

extension ContainerRuntime {
    /// What a command in a container gave.
    public struct ExecResult: Hashable, Sendable {
        /// 0–255; 128 + signal where one killed it.
        public var code: Int32
        /// The first megabyte of its standard output, then the end of its standard error.
        public var output: String
        /// Whether it was killed because the time was over.
        public var timedOut: Bool
    }

    /// Runs a command in a container on our own standard streams and returns its exit code. With a terminal the
    /// runtime passes bytes, window size and signals through. Throws `not-running`.
    public func exec(
        _ id: ContainerID, command words: [String], terminal: Bool, user: String? = nil, directory: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> Int32 {
        try await OwnThread.run {
            var helper = try self.execCommand(
                id, words, terminal: terminal, user: user, directory: directory, environment: environment)
            helper.input = .inherited
            helper.output = .inherited
            helper.error = .inherited
            // The terminal's foreground group: ^C has to reach it.
            helper.ownSession = false
            helper.cgroup = nil
            return try helper.run().code
        }
    }

    /// Runs a command in a container and captures what it writes: health checks. It is killed after the time given.
    public func execCaptured(_ id: ContainerID, command words: [String], timeout: Duration) async throws -> ExecResult {
        try await OwnThread.run {
            var helper = try self.execCommand(id, words, terminal: false)
            let parts = timeout.components
            helper.timeout = Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000)
            let result = try helper.run()
            let output = result.outputText + String(decoding: result.error, as: UTF8.self)
            return ExecResult(code: result.code, output: output, timedOut: result.timedOut)
        }
    }

    private func execCommand(
        _ id: ContainerID, _ words: [String], terminal: Bool, user: String? = nil, directory: String? = nil,
        environment: [String: String] = [:]
    ) throws(Diagnostic) -> Helper {
        guard ContainerObserver(layout: layout).observe(id).state == .running else {
            throw Diagnostic(code: "not-running", "container \(id.name) is not running")
        }
        var arguments = ["exec"]
        if terminal { arguments.append("--tty") }
        if let user { arguments += ["--user", user] }
        if let directory { arguments += ["--cwd", directory] }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) { arguments += ["--env", "\(name)=\(value)"] }
        return command(arguments + [id.text] + words)
    }
}
