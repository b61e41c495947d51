import Glibc
import LinuxHost

/// The current file of the event log, open and locked for one append.
///
/// It is opened for each append: that costs a few microseconds, and nothing has to be noticed when the file is moved, or
/// its directory removed or mounted over.
struct EventFile: ~Copyable {
    private let descriptor: Int32
    private(set) var size: Int

    deinit { close(descriptor) }

    /// Opens the file, and makes it and its directory where they are missing. Other writers wait (flock(2)).
    init(_ path: String) throws(Errno) {
        if let slash = path.lastIndex(of: "/") { Self.makeDirectory(String(path[..<slash])) }
        while true {
            let opened = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard opened >= 0 else { throw Errno() }
            var own = stat()
            var named = stat()
            while flock(opened, LOCK_EX) != 0, errno == EINTR {}
            guard fstat(opened, &own) == 0 else {
                let reason = Errno()
                close(opened)
                throw reason
            }
            // Moved aside while we waited: then the one that has the name now is meant.
            if stat(path, &named) == 0, named.st_ino == own.st_ino, named.st_dev == own.st_dev {
                descriptor = opened
                size = Int(own.st_size)
                return
            }
            close(opened)
        }
    }

    private static func makeDirectory(_ path: String) {
        guard mkdir(path, 0o700) != 0, errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex
        else { return }
        makeDirectory(String(path[..<slash]))
        mkdir(path, 0o700)
    }

    /// Whether the last line has no end: somebody died while writing it.
    var isTorn: Bool {
        var last: UInt8 = 0
        return size > 0 && pread(descriptor, &last, 1, size - 1) == 1 && last != UInt8(ascii: "\n")
    }

    /// Appends lines; answers with how many bytes of whole lines were written, and why not all. What was written of a
    /// further line is taken back.
    mutating func append(_ bytes: ArraySlice<UInt8>) -> (written: Int, reason: Errno?) {
        var done = 0
        var reason: Errno?
        while done < bytes.count, reason == nil {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done) }
            if count > 0 { done += count } else if count < 0, errno != EINTR { reason = Errno() }
        }
        guard reason != nil else {
            size += done
            return (done, nil)
        }
        let whole =
            (bytes.prefix(done).lastIndex(of: UInt8(ascii: "\n")) ?? bytes.startIndex - 1) + 1 - bytes.startIndex
        if whole < done { _ = ftruncate(descriptor, size + whole) }
        size += whole
        return (whole, reason)
    }
}
