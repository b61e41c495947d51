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
    /// The first signal that was to end the process; 0: none.
    private static let ending = Atomic<Int32>(0)

    /// Whether one of the signals that end the process came, told as soon as it did: also in the middle of work between
    /// two calls of ``take()``.
    public static var isEnding: Bool { ending.load(ordering: .relaxed) != 0 }

    /// Takes over the handling of some signals. Those in `ending` end the process: the first one is told, so that it can
    /// end in order; the second does not wait for that, and ends it as a shell reports it (128 + number).
    public init(_ signals: [Int32], ending: [Int32] = []) throws(Diagnostic) {
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
        // Made here: a handler must not be what makes it.
        Self.ending.store(0, ordering: .relaxed)
        for signal in signals { Self.handle(signal) { SignalPipe.tell($0) } }
        for signal in ending {
            Self.handle(signal) { number in
                let isFirst = SignalPipe.ending.compareExchange(expected: 0, desired: number, ordering: .relaxed)
                    .exchanged
                guard isFirst else { _exit(128 + number) }
                SignalPipe.tell(number)
            }
        }
    }

    private static func handle(_ signal: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART
        sigaction(signal, &action, nil)
    }

    /// For handlers: makes the descriptor readable.
    private static func tell(_ number: Int32) {
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(writeEnd.load(ordering: .relaxed), &byte, 1)
        errno = saved
    }

    /// The signals that came since the last call.
    public func take() -> Set<Int32> {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? Set(bytes[..<count].map(Int32.init)) : []
    }
}
