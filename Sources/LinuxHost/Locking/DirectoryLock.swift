import Glibc
import Model

/// A directory that only one process at a time works with: flock(2), which the kernel frees with its holder, and which
/// holds in every network namespace.
public final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; throws what `taken` makes of the holder's pid, as far as that is known, where another process has it.
    public init(_ path: String, taken: (Int32?) -> Diagnostic) throws(Diagnostic) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Errno().diagnostic(code: "lock-failed", "cannot take the lock of \(path)", call: "open")
        }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let reason = Errno()
            if reason.code == EINTR { continue }
            var own = stat()
            let isKnown = fstat(descriptor, &own) == 0
            close(descriptor)
            guard reason.code == EWOULDBLOCK else {
                throw reason.diagnostic(code: "lock-failed", "cannot take the lock of \(path)", call: "flock")
            }
            throw taken(isKnown ? Self.holder(of: UInt64(own.st_ino)) : nil)
        }
    }

    deinit { close(descriptor) }

    /// Who holds a lock of this kind on an inode, as /proc/locks tells (proc_locks(5)); `nil` where that is not plain: the
    /// device that it names is not everywhere the one that stat(2) does.
    private static func holder(of inode: UInt64) -> Int32? {
        let holders = (SmallFile.read("/proc/locks") ?? "").split(separator: "\n").compactMap { line -> Int32? in
            let words = line.split(separator: " ")
            guard words.count >= 6, words[1] == "FLOCK", words[3] == "WRITE",
                words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode
            else { return nil }
            return Int32(words[4])
        }
        return holders.count == 1 ? holders.first : nil
    }
}
