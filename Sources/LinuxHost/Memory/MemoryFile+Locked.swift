import Glibc
import Model

extension MemoryFile {
    /// Runs a body while no other process does so for a file of the same directory (flock(2)). For what is read, changed
    /// and written back; the lock goes with the process.
    public func locked<Answer>(_ body: () throws(Diagnostic) -> Answer) throws(Diagnostic) -> Answer {
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        makeDirectories(directory)
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Errno().diagnostic(code: "memory-unwritable", "cannot write \(path)", call: "open \(directory)")
        }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw Errno().diagnostic(code: "memory-unwritable", "cannot write \(path)", call: "flock")
            }
        }
        return try body()
    }
}
