import Glibc

/// What a command came to.
struct CommandResult: CustomStringConvertible {
    let code: Int32
    let output: String
    let errors: String
    let took: Duration
    let command: String

    var isSuccess: Bool { code == 0 }
    /// What it printed, without the last line break.
    var text: String { output.trimmed }
    var description: String { "\(command)\n-> exit \(code) after \(took)\n\(output)\(errors)" }
}

/// What stops a test.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ text: String) { description = text }
}

extension String {
    var trimmed: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        return String(text)
    }

    var lines: [String] { split(whereSeparator: \.isNewline).map(String.init) }
}

/// A process of ours. Its output goes to files, not pipes: what it leaves running in the background cannot block us.
final class RunningCommand {
    let pid: pid_t
    private let files: (output: String, errors: String)
    private let text: String
    private let start: ContinuousClock.Instant
    private var code: Int32?

    /// Starts a command as the leader of a process group of its own, so that all it starts can be ended with it.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        text = arguments.joined(separator: " ")
        files = (try Files.temporaryFile(), try Files.temporaryFile())
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, files.output, O_WRONLY | O_APPEND, 0)
        posix_spawn_file_actions_addopen(&actions, 2, files.errors, O_WRONLY | O_APPEND, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        // Whatever the test runner blocks or ignores: servers that fork wait for SIGCHLD.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        // No proxies and no colours of whoever runs the tests.
        let inherited = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"]
        let variables = inherited.merging(["HOME": "/root"]) { $1 }.merging(environment) { $1 }
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        start = .now
        let error = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, &envp)
        guard error == 0 else { throw Failure("cannot start \(text): \(String(cString: strerror(error)))") }
        self.pid = pid
    }

    deinit {
        stop()
        unlink(files.output)
        unlink(files.errors)
    }

    /// What it has printed so far.
    var output: String { Files.read(files.output) }

    /// What it has printed to standard error so far.
    var errors: String { Files.read(files.errors) }

    var isRunning: Bool {
        if code != nil { return false }
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return true }
        // As a shell has it, but signals as negative numbers.
        code = status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
        return false
    }

    /// Waits for its end; what takes longer is killed, and is an error.
    func wait(_ timeout: Duration) throws -> CommandResult {
        let deadline = start.advanced(by: timeout)
        while isRunning {
            guard ContinuousClock.now < deadline else {
                stop()
                throw Failure("took longer than \(timeout): \(text)\n\(output)\(Files.read(files.errors))")
            }
            usleep(2000)
        }
        return CommandResult(
            code: code ?? -1, output: output, errors: Files.read(files.errors), took: start.duration(to: .now),
            command: text)
    }

    /// Kills it and its group.
    func stop() {
        guard isRunning else { return }
        kill(-pid, SIGKILL)
        kill(pid, SIGKILL)
        for _ in 0..<1000 where isRunning { usleep(2000) }
    }
}

/// Whether a process runs; one that has ended and was not waited for does not.
func isAlive(_ pid: pid_t) -> Bool {
    let state = Files.read("/proc/\(pid)/status").lines.first { $0.hasPrefix("State:") }
    return state.map { !$0.contains("Z") && !$0.contains("X") } ?? false
}

/// Repeats until `condition` holds; false where it does not come to hold in time.
func eventually(within timeout: Duration = .seconds(10), _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now.advanced(by: timeout)
    repeat {
        if try condition() { return true }
        usleep(20_000)
    } while ContinuousClock.now < deadline
    return false
}
