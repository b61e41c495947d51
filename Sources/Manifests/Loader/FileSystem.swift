import Glibc
import Model

/// The little of the file system that reading manifests needs.
enum FileSystem {
    /// Why a path cannot be read.
    enum Failure: Error {
        case system(call: String, Int32)
        case notRegular
        case tooLarge(limit: Int)

        func diagnostic(_ path: String) -> Diagnostic {
            switch self {
            case .system(let call, let code):
                Diagnostic(
                    code: "unreadable", "cannot read \(path)", cause: "\(call): \(String(cString: strerror(code)))",
                    hint: hint(code))
            case .notRegular:
                Diagnostic(code: "unreadable", "cannot read \(path): it is neither a file nor a directory")
            case .tooLarge(let limit):
                Diagnostic(
                    code: "file-too-large", "\(path) has more than \(limit >> 20) MiB",
                    hint: "split it into several manifests")
            }
        }

        private func hint(_ code: Int32) -> String? {
            switch code {
            case ELOOP: "the symbolic link leads back to itself"
            case ENOENT: "name a file or a directory that exists"
            default: nil
            }
        }
    }

    /// What identifies a file or directory whatever path leads to it.
    struct Identity: Hashable {
        let device: UInt
        let inode: UInt
    }

    enum Kind {
        case file
        case directory
        case other
    }

    /// What a path leads to, symbolic links followed.
    static func status(_ path: String) throws(Failure) -> (kind: Kind, stamp: FileStamp) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system(call: "stat", errno) }
        let stamp = FileStamp(status)
        switch status.st_mode & S_IFMT {
        case S_IFREG: return (.file, stamp)
        case S_IFDIR: return (.directory, stamp)
        default: return (.other, stamp)
        }
    }

    /// The names in a directory, sorted by their bytes.
    static func names(in path: String) throws(Failure) -> [String] {
        guard let directory = opendir(path) else { throw .system(call: "opendir", errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else { break }
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                })
        }
        guard errno == 0 else { throw .system(call: "readdir", errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// A regular file's bytes. Does not block on what is none.
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .system(call: "open", errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system(call: "fstat", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
        guard status.st_size <= limit else { throw .tooLarge(limit: limit) }
        // One byte more than it has: the last read then tells that it ended. A file that grows meanwhile is read on.
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var count = 0
        while true {
            let got = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + count, $0.count - count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .system(call: "read", errno) }
            if got == 0 { break }
            count += got
            guard count <= limit else { throw .tooLarge(limit: limit) }
            if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: 65536)) }
        }
        bytes.removeSubrange(count...)
        return bytes
    }

    /// Absolute; `/` where it cannot be told (it was removed).
    static func workingDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}
