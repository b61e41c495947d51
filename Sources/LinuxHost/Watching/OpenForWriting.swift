import Glibc

/// Whether somebody is writing a file.
public enum OpenForWriting {
    // fcntl.h has these only under _GNU_SOURCE.
    private static let setSignal: Int32 = 10
    private static let setLease: Int32 = 1024

    /// True where a regular file is open for writing, by anybody. A read lease is refused then (fcntl(2), F_SETLEASE);
    /// where it is granted it is given back at once. False also where it cannot be told: on network file systems, or
    /// for another's file without CAP_LEASE.
    public static func check(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return false }
        defer { close(file) }
        // Who opens it for writing in this very moment breaks the lease: SIGIO would end the process, SIGURG is ignored
        // unless it is asked for.
        guard fcntl(file, setSignal, SIGURG) == 0 else { return false }
        guard fcntl(file, setLease, Int32(F_RDLCK)) != 0 else {
            _ = fcntl(file, setLease, Int32(F_UNLCK))
            return false
        }
        return errno == EAGAIN
    }
}
