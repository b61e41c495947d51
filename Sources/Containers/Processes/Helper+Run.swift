import CLinux
import Glibc
import Model

// swift-subprocess is not used: it cannot pass descriptors, which conmon's pipes need, and it kills its child when a
// task is cancelled, which must not happen half-way into an unpacked image.

extension Helper {
    /// Runs it and waits. Blocks the calling thread; throws only where it cannot be started. `began` is called once the
    /// process is in its control group; `expired` when its time is over, a second before it is killed.
    package func run(began: () -> Void = {}, expired: (() -> Void)? = nil) throws(Diagnostic) -> Result {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else { throw systemError("cannot open /dev/null", call: "open") }
        defer { close(null) }
        let out = try Pipe()
        let err = try Pipe()
        let pid = try spawn(null: null, output: out.write.number, error: err.write.number)
        if let cgroup { cgroup.adopt(pid) }
        began()
        return wait(pid, output: out.read.number, error: err.read.number, expired: expired)
    }

    /// Runs it and turns a failure into a diagnostic with the end of its standard error as the cause.
    @discardableResult
    package func succeed(_ code: String, _ message: String, hint: String? = nil) throws(Diagnostic) -> Result {
        let result = try run()
        guard result.code == 0 else {
            let said = result.timedOut ? "no answer within \((timeout ?? 0) / 1000) s" : result.errorText
            throw Diagnostic(
                code: code, message, cause: "\(name): " + (said.isEmpty ? "exit code \(result.code)" : said), hint: hint
            )
        }
        return result
    }

    /// Runs it without waiting: it outlives us, and has none of our streams. Until then a thread waits for its end, so
    /// that no zombie of it stays. Throws only where it cannot be started.
    func detach() throws(Diagnostic) {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else { throw systemError("cannot open /dev/null", call: "open") }
        defer { close(null) }
        let pid = try spawn(null: null, output: null, error: null)
        if let cgroup { cgroup.adopt(pid) }
        OwnThread.detach {
            var status: CInt = 0
            retrying { waitpid(pid, &status, 0) }
        }
    }

    private func spawn(null: CInt, output: CInt, error: CInt) throws(Diagnostic) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, stream, captured) in [(0, input, null), (1, self.output, output), (2, self.error, error)] {
            switch stream {
            case .null: posix_spawn_file_actions_adddup2(&actions, null, CInt(target))
            case .captured: posix_spawn_file_actions_adddup2(&actions, captured, CInt(target))
            case .inherited: break
            }
        }
        // Copies far above the targets, so that no dup2 overwrites a source that is still needed.
        var copies: [CInt] = []
        defer { for copy in copies { close(copy) } }
        for (index, descriptor) in descriptors.enumerated() {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 64)
            guard copy >= 0 else { throw systemError("cannot copy a descriptor", call: "fcntl") }
            copies.append(copy)
            posix_spawn_file_actions_adddup2(&actions, copy, CInt(3 + index))
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, CInt(3 + descriptors.count))
        if let directory { posix_spawn_file_actions_addchdir_np(&actions, directory) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        if ownSession { flags |= Int32(RECONCILE_POSIX_SPAWN_SETSID) }
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)

        let arguments = CStrings([commandName ?? path] + self.arguments)
        let variables = CStrings(environment.map { "\($0.key)=\($0.value)" })
        var pid: pid_t = 0
        let result = posix_spawn(&pid, path, &actions, &attributes, arguments.pointers, variables.pointers)
        guard result == 0 else {
            throw systemError("spawn-failed", "cannot run \(path)", call: "posix_spawn", errno: result)
        }
        return pid
    }

    /// Reads both pipes until the process has ended: not until they close, because what it leaves behind may hold them.
    private func wait(_ pid: pid_t, output: CInt, error: CInt, expired: (() -> Void)?) -> Result {
        var result = Result(code: 0)
        for descriptor in [output, error] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        let process = pidfd_open(pid, 0)
        defer { if process >= 0 { close(process) } }
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let deadline = timeout.map { now.tv_sec * 1000 + now.tv_nsec / 1_000_000 + $0 }
        var entries = [process, output, error].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while process >= 0 {
            clock_gettime(CLOCK_MONOTONIC, &now)
            let left = deadline.map { CInt(max(0, $0 - (now.tv_sec * 1000 + now.tv_nsec / 1_000_000))) } ?? -1
            let ready = retrying { poll(&entries, 3, left) }
            drain(output, error, into: &result)
            if entries[0].revents != 0 { break }
            // A closed pipe reports itself for ever; poll(2) skips negative descriptors.
            for index in 1...2 where entries[index].revents & Int16(POLLHUP) != 0 { entries[index].fd = -1 }
            if ready == 0, deadline != nil {
                result.timedOut = true
                if let expired {
                    expired()
                    var entry = pollfd(fd: process, events: Int16(POLLIN), revents: 0)
                    if retrying({ poll(&entry, 1, 1000) }) > 0 { break }
                }
                kill(ownSession ? -pid : pid, SIGKILL)
                break
            }
        }
        var status: CInt = 0
        retrying { waitpid(pid, &status, 0) }
        drain(output, error, into: &result)
        let signal = status & 0x7f
        result.code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        return result
    }

    private func drain(_ output: CInt, _ error: CInt, into result: inout Result) {
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { break }
            if result.output.count < 1 << 20 { result.output += buffer[..<count] }
        }
        while true {
            let count = read(error, &buffer, buffer.count)
            guard count > 0 else { break }
            result.error += buffer[..<count]
            if result.error.count > 32768 { result.error.removeFirst(result.error.count - 16384) }
        }
    }
}
