import CLinux
import Glibc

/// A process as the kernel tells it from a later one with the same number: pid and start time.
public struct ProcessIdentity: Hashable, Sendable {
    /// The process id in our pid namespace.
    public var pid: Int32
    /// Field 22 of /proc/PID/stat (proc(5)): clock ticks since boot.
    public var startTime: UInt64

    /// An identity that was read before.
    public init(pid: Int32, startTime: UInt64) {
        self.pid = pid
        self.startTime = startTime
    }

    /// The process that has this number now; `nil` where none lives (a zombie does not).
    public init?(living pid: Int32) {
        guard pid > 0, let bytes = Files.firstPiece("/proc/\(pid)/stat"),
            let fields = Self.parse(stat: bytes), !fields.dead
        else { return nil }
        self.init(pid: pid, startTime: fields.startTime)
    }

    /// Whether this very process lives.
    public var isAlive: Bool { ProcessIdentity(living: pid) == self }

    /// State and start time from a line of /proc/PID/stat. The command name may hold spaces and parentheses, so
    /// fields are counted from the last parenthesis.
    static func parse(stat bytes: [UInt8]) -> (dead: Bool, startTime: UInt64)? {
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")), end + 2 < bytes.count else { return nil }
        let state = bytes[end + 2]
        var spaces = 0
        var start: UInt64 = 0
        for byte in bytes[(end + 2)...] {
            if byte == UInt8(ascii: " ") {
                spaces += 1
                if spaces == 20 { break }
            } else if spaces == 19 {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                start = start &* 10 &+ UInt64(byte &- 0x30)
            }
        }
        guard spaces >= 19 else { return nil }
        return (state == UInt8(ascii: "Z") || state == UInt8(ascii: "X"), start)
    }

    /// Sends a signal to this very process, never to one that took its number; `false` where it is gone.
    @discardableResult
    public func signal(_ number: Int32) -> Bool {
        let descriptor = pidfd_open(pid, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // The start time is compared after the descriptor pinned the process.
        guard isAlive else { return false }
        return pidfd_send_signal(descriptor, number, nil, 0) == 0
    }

    /// Waits until this process has ended; `false` when it outlived the time. Blocks the calling thread.
    public func waitForEnd(milliseconds: Int32) -> Bool {
        let descriptor = pidfd_open(pid, 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        guard isAlive else { return true }
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return retrying { poll(&entry, 1, milliseconds) } > 0
    }
}
