import Foundation
import Glibc

/// What stops a test.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ text: String) { description = text }
}

/// A process of ours in a group of its own; ended by its id with all that it started.
final class RunningProcess: @unchecked Sendable {
    let pid: pid_t
    let log: String
    private let lock = NSLock()
    private var ended: Int32?

    init(_ arguments: [String], log: String, environment: [String: String] = [:]) throws {
        self.log = log
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let variables = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"]
            .merging(environment) { $1 }
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let error = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, &envp)
        guard error == 0 else { throw Failure("cannot start \(arguments[0]): \(String(cString: strerror(error)))") }
        self.pid = pid
    }

    deinit { stop() }

    /// How it ended, as a shell has it; `nil` while it runs.
    var code: Int32? {
        lock.withLock {
            if ended != nil { return ended }
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid {
                ended = status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
            }
            return ended
        }
    }

    func signal(_ number: Int32) { if code == nil { kill(-pid, number) } }

    /// Kills it and waits for its end.
    func stop() {
        signal(SIGKILL)
        for _ in 0..<10_000 where code == nil { usleep(1000) }
    }

    var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
}

/// Runs a command to its end, within a time.
@discardableResult
func sh(_ command: String, seconds: Int = 60, expecting wanted: Int32? = 0) async throws -> String {
    let log = "/tmp/reconcile-test-\(UUID().uuidString)"
    defer { unlink(log) }
    let process = try RunningProcess(["sh", "-c", command], log: log)
    for _ in 0..<(seconds * 100) where process.code == nil { try await Task.sleep(for: .milliseconds(10)) }
    let code = process.code
    process.stop()
    if let wanted, code != wanted {
        throw Failure("\(command)\n-> \(code.map(String.init) ?? "no end")\n\(process.output)")
    }
    return process.output
}

/// Repeats until a condition holds; throws where it does not come to hold in time.
func eventually(
    _ what: String, within timeout: Duration = .seconds(40), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + timeout
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw Failure("not within \(timeout): \(what)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}
