import Glibc
import Model

/// A command that checks a container's health and that nobody waits for any more: whoever started it has ended, and it
/// would run on inside the container, beside those of the next agent.
struct AbandonedCheck {
    /// How the names of files end that have the pid of such a command.
    static let suffix = ".check.pid"

    private let process: ProcessIdentity

    /// The command whose pid is in a file, where it still runs and can be no other process: it is in a container of this
    /// set, and not younger than the file.
    init?(pidFile: String, layout: StateLayout) {
        var status = stat()
        guard pidFile.hasSuffix(Self.suffix), let pid = Files.text(pidFile).flatMap({ Int32($0) }),
            let process = ProcessIdentity(living: pid), stat(pidFile, &status) == 0
        else { return nil }
        let groups = Files.text("/proc/\(pid)/cgroup") ?? ""
        guard groups.contains(":\(layout.cgroupParent)/\(layout.set)/") else { return nil }
        // Since boot, in ticks of a hundredth of a second, and by the clock, in milliseconds.
        let age = Self.milliseconds(CLOCK_BOOTTIME) - Int64(process.startTime) * 10
        let written = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        guard age + 1000 >= Self.milliseconds(CLOCK_REALTIME) - written else { return nil }
        self.process = process
    }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var now = timespec()
        clock_gettime(clock, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    /// Ends it, and what it started where it leads a group.
    func end() {
        if getpgid(process.pid) == process.pid { kill(-process.pid, SIGKILL) }
        process.signal(SIGKILL)
    }
}
