import Glibc
import Model

/// What the kernel cannot hold, one small JSON file each below `<data-dir>/memory/`, written atomically: a reader sees
/// the old text or the new one, also after a crash.
public struct MemoryFile: Sendable {
    /// Where it is.
    public let path: String

    /// A file in a directory, which need not exist yet.
    public init(directory: String, name: String) { path = "\(directory)/\(name)" }

    /// Its content; `nil` where there is none or it is not JSON (which is as if it were lost).
    public func read() -> JSONValue? {
        guard let text = SmallFile.read(path) else { return nil }
        return try? JSONValue(parsing: text.utf8)
    }

    /// Its bytes; `nil` where it cannot be read.
    public func bytes() -> [UInt8]? { SmallFile.bytes(path) }

    /// Replaces its content; `nil` removes it.
    public func write(_ value: JSONValue?) throws(Diagnostic) {
        guard let value else {
            guard unlink(path) == 0 || errno == ENOENT else { throw failure("unlink") }
            return
        }
        try write(text: value.text())
    }

    /// Replaces its content by a JSON text.
    public func write(text: String) throws(Diagnostic) { try write(bytes: Array((text + "\n").utf8)) }

    /// Replaces its content by some bytes, where they are not there already.
    ///
    /// - Parameter isDurable: false saves the wait for the disk: the bytes may be lost, or be wrong, when the host crashes
    ///   soon after. For what is checked when it is read.
    public func write(bytes: [UInt8], isDurable: Bool = true) throws(Diagnostic) {
        if SmallFile.bytes(path) == bytes { return }
        makeDirectories(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open") }
        let isWritten =
            Glibc.write(descriptor, bytes, bytes.count) == bytes.count && (!isDurable || fsync(descriptor) == 0)
        let reason = isWritten ? nil : failure("write")
        close(descriptor)
        if let reason {
            unlink(temporary)
            throw reason
        }
        guard rename(temporary, path) == 0 else { throw failure("rename") }
    }

    /// Removes what writers left half-written that were killed.
    public static func removeAbandoned(in directory: String) {
        for name in DirectoryListing.names(directory) where name.hasSuffix(".tmp") {
            guard let maker = name.dropLast(4).split(separator: ".").last.flatMap({ pid_t($0) }), maker > 0,
                kill(maker, 0) != 0, errno == ESRCH
            else { continue }
            unlink("\(directory)/\(name)")
        }
    }

    private func failure(_ call: String) -> Diagnostic {
        Errno().diagnostic(code: "memory-unwritable", "cannot write \(path)", call: call)
    }
}

/// Makes a directory and those above it, as `mkdir -p` does; mode 0700.
func makeDirectories(_ path: String) {
    guard !path.isEmpty, mkdir(path, 0o700) != 0, errno == ENOENT, let slash = path.lastIndex(of: "/") else { return }
    makeDirectories(String(path[..<slash]))
    mkdir(path, 0o700)
}
