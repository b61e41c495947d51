import Glibc

/// An open file that is closed when its owner goes.
struct FileDescriptor: ~Copyable {
    let rawValue: Int32

    /// Opens a path (open(2)), never passed on to children.
    init(_ path: String, _ flags: Int32 = O_RDONLY) throws(Errno) {
        rawValue = open(path, flags | O_CLOEXEC)
        guard rawValue >= 0 else { throw Errno() }
    }

    deinit { close(rawValue) }
}
