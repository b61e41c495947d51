import CLinux
import Glibc
import Model

/// Small files and directories, without Foundation: observing reads thousands of them.
package enum Files {
    /// A file's bytes; `nil` where it cannot be read. Read until nothing comes: the kernel's own files (mounts,
    /// cgroup.procs) come in pieces that end before the buffer does.
    package static func bytes(_ path: String) -> [UInt8]? {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        defer { close(number) }
        var all = piece(number, 4096)
        var size = all.count
        while size > 0 {
            let next = piece(number, max(4096, all.count))
            size = next.count
            all += next
        }
        return all
    }

    /// The first piece of a file, 4096 bytes at most: for what the kernel gives in one, such as /proc/PID/stat.
    static func firstPiece(_ path: String) -> [UInt8]? {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        defer { close(number) }
        return piece(number, 4096)
    }

    private static func piece(_ number: CInt, _ room: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
            filled = max(0, retrying { read(number, buffer.baseAddress, room) })
        }
    }

    /// A file's text; `nil` where it cannot be read.
    package static func text(_ path: String) -> String? {
        bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes a file that is then there in whole or not at all.
    package static func writeAtomically(_ text: String, to path: String, mode: mode_t = 0o600) throws(Diagnostic) {
        let temporary = path + ".\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
        try write(text, to: temporary, mode: mode)
        guard rename(temporary, path) == 0 else {
            let error = systemError("cannot write \(path)", call: "rename")
            unlink(temporary)
            throw error
        }
    }

    /// Writes a file in place.
    static func write(_ text: String, to path: String, mode: mode_t = 0o600) throws(Diagnostic) {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    /// Writes a file in place.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws(Diagnostic) {
        let number = retrying { open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode) }
        guard number >= 0 else { throw systemError("cannot write \(path)", call: "open") }
        defer { close(number) }
        var done = 0
        while done < bytes.count {
            let count = retrying {
                bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress! + done, $0.count - done) }
            }
            guard count >= 0 else { throw systemError("cannot write \(path)", call: "write") }
            done += count
        }
    }

    /// Makes a directory with those above it.
    package static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(Diagnostic) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let cut = path.lastIndex(of: "/"), cut != path.startIndex else {
            throw systemError("cannot make the directory \(path)", call: "mkdir")
        }
        try makeDirectory(String(path[..<cut]), mode: 0o755)
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw systemError("cannot make the directory \(path)", call: "mkdir")
        }
    }

    /// The names in a directory; empty where there is none.
    package static func names(in path: String) -> [String] { names(in: path) { _ in true } }

    /// The names of the directories in a directory of the kernel's own (control groups): these always tell the type.
    static func directories(in path: String) -> [String] { names(in: path) { $0 == DT_DIR } }

    private static func names(in path: String, where isWanted: (Int) -> Bool) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard isWanted(Int(entry.pointee.d_type)) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Whether something has this path; the last symbolic link is followed.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
