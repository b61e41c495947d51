import Glibc
import Model
import Synchronization

/// Signals as something to read: a handler may do little more than write(2) (signal-safety(7)).
///
/// There is one for the process. Each signal is told once, however often it came since it was last asked for.
public final class SignalPipe: Sendable {
    /// Becomes readable when a signal came.
    public let descriptor: Int32

    private static let writeEnd = Atomic<Int32>(-1)

    /// Takes over the handling of some signals.
    public init(_ signals: [Int32]) throws(Diagnostic) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw Errno().diagnostic(code: "watch-failed", "signals cannot be watched", call: "pipe")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        descriptor = ends[0]
        Self.writeEnd.store(ends[1], ordering: .relaxed)
        for signal in signals {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(SignalPipe.writeEnd.load(ordering: .relaxed), &byte, 1)
                errno = saved
            }
            action.sa_flags = SA_RESTART
            sigaction(signal, &action, nil)
        }
    }

    /// The signals that came since the last call.
    public func take() -> Set<Int32> {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? Set(bytes[..<count].map(Int32.init)) : []
    }
}
