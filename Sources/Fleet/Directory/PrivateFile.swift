import Glibc
import Model

/// Small files that only their owner may read: keys, certificates, bundles.
enum PrivateFile {
    /// Reads a file; refuses links, and what others could have written or read.
    ///
    /// - Parameter isSecret: false for what anybody may read.
    static func read(_ path: String, isSecret: Bool = true) throws(Diagnostic) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ELOOP {
                throw Diagnostic(
                    code: "fleet-file-unsafe", "\(path) is a symbolic link", hint: "name the file itself")
            }
            throw failure("cannot read \(path)", "open")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot read \(path)", "fstat") }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 20 else {
            throw Diagnostic(code: "fleet-file-unsafe", "\(path) is no plain file of at most 1 MiB")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw Diagnostic(
                code: "fleet-file-unsafe", "\(path) belongs to user \(status.st_uid)",
                hint: "it must belong to who runs this: chown \(geteuid()) \(path)")
        }
        guard !isSecret || status.st_mode & 0o077 == 0 else {
            throw Diagnostic(
                code: "fleet-file-unsafe", "\(path) can be read by others",
                cause: "its mode is 0\(String(status.st_mode & 0o777, radix: 8))",
                hint: "it holds a private key: chmod 600 \(path); and if others did read it, make a new one")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot read \(path)", "read") }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes a file: whole and with mode 0600, or not at all. A reader sees the old text or the new one.
    ///
    /// - Parameter isNew: refuses to replace a file.
    static func write(_ text: String, to path: String, isNew: Bool = false) throws(Diagnostic) {
        let temporary = "\(path).\(getpid()).tmp"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("cannot write \(path)", "open") }
        let bytes = Array(text.utf8)
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let reason = isWritten ? nil : failure("cannot write \(path)", "write")
        close(descriptor)
        if let reason {
            unlink(temporary)
            throw reason
        }
        // link(2) refuses an existing name, where rename(2) would replace it.
        if isNew {
            defer { unlink(temporary) }
            guard link(temporary, path) == 0 else { throw failure("cannot write \(path)", "link") }
        } else if rename(temporary, path) != 0 {
            let reason = failure("cannot write \(path)", "rename")
            unlink(temporary)
            throw reason
        }
    }

    /// Makes a directory, and those above it, that only its owner may enter.
    static func makeDirectory(_ path: String) throws(Diagnostic) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw failure("cannot make \(path)", "mkdir")
        }
        try makeDirectory(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("cannot make \(path)", "mkdir") }
    }

    /// Gives a file or directory another name.
    static func move(_ path: String, to other: String) throws(Diagnostic) {
        guard rename(path, other) == 0 else { throw failure("cannot make \(other)", "rename") }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names in a directory, sorted; none where it cannot be read.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a directory and all below it, following no link. What is not there is success.
    static func remove(_ path: String) throws(Diagnostic) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            guard unlink(path) == 0 || errno == ENOENT else { throw failure("cannot remove \(path)", "unlink") }
            return
        }
        for name in names(in: path) { try remove("\(path)/\(name)") }
        guard rmdir(path) == 0 || errno == ENOENT else { throw failure("cannot remove \(path)", "rmdir") }
    }

    private static func failure(_ message: String, _ call: String) -> Diagnostic {
        let code = errno
        return Diagnostic(
            code: "fleet-file", message, cause: "\(call): \(String(cString: strerror(code))) (errno \(code))")
    }
}
