import CLinux
import Glibc

/// SIGHUP as something to wait for. Blocking it and sigwait(3) would not do: the main thread of a program with `await`
/// at its top sleeps in sigsuspend(2), where no signal is blocked.
struct Hangups {
    /// Written once, before the handler that reads it is there.
    private nonisolated(unsafe) static var write: CInt = -1
    private let read: CInt

    init() throws {
        var ends: [CInt] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw LoopbackSocket.Failure("pipe2") }
        (read, Self.write) = (ends[0], ends[1])
        signal(SIGHUP) { _ in
            let before = errno
            var byte: UInt8 = 0
            _ = Glibc.write(Hangups.write, &byte, 1)
            errno = before
        }
    }

    /// Returns once there was one since the last time; several in a row are one.
    func wait() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while Glibc.read(read, &bytes, bytes.count) < 0, errno == EINTR {}
    }
}
