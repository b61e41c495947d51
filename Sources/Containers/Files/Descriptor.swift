import CLinux
import Glibc
import Model

/// A file descriptor that closes itself.
package struct Descriptor: ~Copyable {
    package let number: CInt

    package init(_ number: CInt) { self.number = number }

    deinit { Glibc.close(number) }

    /// An exclusive lock on a file (flock(2)), waited for and held until this value ends. The kernel drops it with
    /// the process, so nothing is left to clean up.
    static func lock(_ path: String) throws(Diagnostic) -> Descriptor {
        let number = retrying { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        guard number >= 0 else { throw systemError("cannot open the lock file \(path)", call: "open") }
        let descriptor = Descriptor(number)
        guard retrying({ flock(number, LOCK_EX) }) == 0 else {
            throw systemError("cannot lock \(path)", call: "flock")
        }
        return descriptor
    }
}

/// Both ends of a pipe, neither inherited by what we spawn.
struct Pipe: ~Copyable {
    let read: Descriptor
    private(set) var write: Descriptor

    init() throws(Diagnostic) {
        var ends: (CInt, CInt) = (-1, -1)
        let result = withUnsafeMutableBytes(of: &ends) {
            pipe2($0.assumingMemoryBound(to: CInt.self).baseAddress, O_CLOEXEC)
        }
        guard result == 0 else { throw systemError("a pipe cannot be made", call: "pipe2") }
        read = Descriptor(ends.0)
        write = Descriptor(ends.1)
    }

    /// Closes our copy of the writing end, so that the other side's end can be seen.
    mutating func closeWrite() { write = Descriptor(-1) }
}
