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

    /// Runs a command in a container on our own standard streams and returns its exit code, as user, in the directory
    /// and with the environment of the container itself unless others are given. With a terminal the runtime passes
    /// bytes, window size and signals through. Throws `not-running`, `unknown-user`, `unknown-group`,
    /// `program-not-found` or `program-not-executable`.
    public func exec(
        _ id: ContainerID, command words: [String], terminal: Bool, user: String? = nil, directory: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> Int32 {
        let process = ExecProcess(
            command: words, terminal: terminal, user: user, directory: directory, environment: environment)
        return try await OwnThread.run {
            try self.withExec(id, process) { helper, _ throws(Diagnostic) in
                helper.input = .inherited
                helper.output = .inherited
                helper.error = .inherited
                // The terminal's foreground group: ^C has to reach it.
                helper.ownSession = false
                helper.cgroup = nil
                return try helper.run().code
            }
        }
    }

    /// Runs a command in a container and captures what it writes: health checks. When the time is over the command
    /// is killed in the container too.
    public func execCaptured(_ id: ContainerID, command words: [String], timeout: Duration) async throws -> ExecResult {
        let parts = timeout.components
        let milliseconds = Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000)
        return try await OwnThread.run {
            try self.withExec(id, ExecProcess(command: words), isCheck: true) { helper, pidFile throws(Diagnostic) in
                helper.timeout = milliseconds
                // The command first: the runtime then reaps it and ends by itself. Killed before, it would leave a
                // process that nobody waits for.
                let result = try helper.run(expired: {
                    guard let pid = Files.text(pidFile).flatMap({ Int32($0) }) else { return }
                    // With what it started, where the runtime made it a group of its own.
                    if getpgid(pid) == pid { Glibc.kill(-pid, SIGKILL) }
                    ProcessIdentity(living: pid)?.signal(SIGKILL)
                })
                let output = result.outputText + String(decoding: result.error, as: UTF8.self)
                return ExecResult(code: result.code, output: output, timedOut: result.timedOut)
            }
        }
    }

    /// `RUNTIME exec` with files that are removed afterwards: the process in OCI's form, which both runtimes read
    /// alike (their options differ), and the pid that the runtime writes.
    private func withExec<T>(
        _ id: ContainerID, _ process: ExecProcess, isCheck: Bool = false,
        _ body: (inout Helper, String) throws(Diagnostic) -> T
    ) throws(Diagnostic) -> T {
        let seen = ContainerObserver(layout: layout).observe(id)
        guard seen.state == .running, let pid = seen.process?.pid else {
            throw Diagnostic(code: "not-running", "container \(id.name) is not running")
        }
        let config = Files.bytes(layout.container(id) + "/config.json").flatMap { JSONReading.value($0) }
        guard let base = config?["process"] else {
            throw Diagnostic(code: "not-running", "the configuration of container \(id.name) cannot be read")
        }
        let root = "/proc/\(pid)/root"
        let document = try process.document(
            base: base, passwd: Files.inRoot("etc/passwd", of: root) ?? "",
            group: Files.inRoot("etc/group", of: root) ?? "")
        if let program = process.command.first {
            try ExecProgram.check(
                program, root: root, directory: document["cwd"]?.string ?? "/",
                environment: (document["env"]?.array ?? []).compactMap { $0.string })
        }
        // Under a name by which the next pass knows what one that was killed has left.
        let stem = layout.containers + "/" + Files.temporaryName()
        let pidFile = stem + (isCheck ? AbandonedCheck.suffix : ".pid")
        try Files.write(document.text(), to: stem + ".json")
        defer {
            unlink(stem + ".json")
            unlink(pidFile)
        }
        var helper = command(["exec", "--process", stem + ".json", "--pid-file", pidFile, id.text])
        return try body(&helper, pidFile)
    }
}
