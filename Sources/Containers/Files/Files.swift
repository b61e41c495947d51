import CLinux
import Glibc
import Model

/// Small files and directories, without Foundation: observing reads thousands of them.
enum Files {
    /// A file's bytes; `nil` where it cannot be read.
    static func bytes(_ path: String) -> [UInt8]? {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        defer { close(number) }
        var all: [UInt8] = []
        while true {
            let start = all.count
            let room = max(4096, start)
            let count = [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
                filled = max(0, retrying { read(number, buffer.baseAddress, room) })
            }
            if start == 0, count.count < room {
                // Short reads end regular and /proc files; a second read would only confirm it.
                return count
            }
            if count.isEmpty { return all }
            all += count
        }
    }

    /// A file's text; `nil` where it cannot be read.
    static func text(_ path: String) -> String? {
        bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes a file that is then there in whole or not at all.
    static func writeAtomically(_ text: String, to path: String, mode: mode_t = 0o600) throws(Diagnostic) {
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
        let number = retrying { open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode) }
        guard number >= 0 else { throw systemError("cannot write \(path)", call: "open") }
        defer { close(number) }
        var text = text
        var failure: Diagnostic?
        text.withUTF8 { buffer in
            var done = 0
            while done < buffer.count {
                let count = retrying { Glibc.write(number, buffer.baseAddress! + done, buffer.count - done) }
                guard count >= 0 else {
                    failure = systemError("cannot write \(path)", call: "write")
                    return
                }
                done += count
            }
        }
        if let failure { throw failure }
    }

    /// Makes a directory with those above it.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(Diagnostic) {
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
    static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Whether something has this path; the last symbolic link is followed.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Removes a tree without following symbolic links or leaving its file system; what is gone already is success.
    static func removeTree(_ path: String) throws(Diagnostic) {
        var failure: CInt = 0
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        remove(AT_FDCWD, path, device: status.st_dev, failure: &failure)
        if failure != 0 {
            throw systemError("remove-failed", "cannot remove \(path)", call: "unlinkat", errno: failure)
        }
    }

    private static func remove(_ parent: CInt, _ name: String, device: dev_t, failure: inout CInt) {
        if unlinkat(parent, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else {
            failure = errno
            return
        }
        let number = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0, let stream = fdopendir(number) else {
            failure = errno
            if number >= 0 { close(number) }
            return
        }
        var status = stat()
        if fstat(number, &status) == 0, status.st_dev == device {
            var names: [String] = []
            while let entry = readdir(stream) {
                names.append(
                    withUnsafePointer(to: &entry.pointee.d_name) {
                        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                    })
            }
            for child in names where child != "." && child != ".." {
                remove(number, child, device: device, failure: &failure)
            }
        }
        closedir(stream)
        if unlinkat(parent, name, AT_REMOVEDIR) != 0, errno != ENOENT, failure == 0 { failure = errno }
    }
}

extension Files {
    /// Makes a symbolic link.
    static func link(_ target: String, at path: String) throws(Diagnostic) {
        guard symlink(target, path) == 0 else { throw systemError("cannot make the link \(path)", call: "symlink") }
    }

    /// Writes the file system of a directory to its disk: a rename must not be there before what it names, or a power
    /// cut leaves an image that looks whole.
    static func sync(_ path: String) throws(Diagnostic) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError("cannot open \(path)", call: "open") }
        let holder = Descriptor(descriptor)
        guard syncfs(holder.number) == 0 else { throw systemError("cannot write \(path) to disk", call: "syncfs") }
    }

    /// What identifies the present content of a file without reading it: device, inode, size and modification time.
    static func fingerprint(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return "\(status.st_dev).\(status.st_ino).\(status.st_size).\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    /// A name for something half-made, which says who makes it: so that what a dead process left can be told.
    static func temporaryName() -> String {
        let maker = ProcessIdentity(living: getpid())
        return ".tmp-\(getpid())-\(maker?.startTime ?? 0)-\(UInt32.random(in: 0 ... .max))"
    }

    /// Whether a name is that of something half-made whose maker is gone.
    static func isAbandoned(_ name: String) -> Bool {
        guard name.hasPrefix(".tmp-") else { return false }
        let parts = name.split(separator: "-")
        guard parts.count == 4, let pid = Int32(parts[1]), let start = UInt64(parts[2]) else { return true }
        return !ProcessIdentity(pid: pid, startTime: start).isAlive
    }
}

extension Files {
    /// The text of a file inside a root file system, whose symbolic links are followed inside it; `nil` where it
    /// cannot be read. An image must not make us read files of the host.
    static func inRoot(_ path: String, of root: String) -> String? {
        let descriptor = open(root, RECONCILE_O_PATH | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        let holder = Descriptor(descriptor)
        var how = open_how()
        how.flags = UInt64(O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        how.resolve = UInt64(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
        let file = Int32(
            reconcile_syscall_openat2(
                Int(RECONCILE_SYS_OPENAT2), holder.number, path, &how, MemoryLayout<open_how>.size))
        guard file >= 0 else { return nil }
        let opened = Descriptor(file)
        return text("/proc/self/fd/\(opened.number)")
    }
}
