import CLinux
import Glibc
import Model

extension Files {
    /// Makes a symbolic link.
    package static func link(_ target: String, at path: String) throws(Diagnostic) {
        guard symlink(target, path) == 0 else { throw systemError("cannot make the link \(path)", call: "symlink") }
    }

    /// Where a symbolic link leads, 127 bytes at most: for those of /proc.
    static func target(of path: String) -> String? {
        var target = [CChar](repeating: 0, count: 128)
        guard readlink(path, &target, 127) > 0 else { return nil }
        return String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Writes the file system of a directory to its disk: a rename must not be there before what it names, or a power
    /// cut leaves an image that looks whole.
    package static func sync(_ path: String) throws(Diagnostic) {
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
    package static func temporaryName() -> String {
        let maker = ProcessIdentity(living: getpid())
        return ".tmp-\(getpid())-\(maker?.startTime ?? 0)-\(UInt32.random(in: 0 ... .max))"
    }

    /// Whether a name is that of something half-made whose maker is gone.
    package static func isAbandoned(_ name: String) -> Bool {
        guard name.hasPrefix(".tmp-") else { return false }
        let parts = name.split(separator: "-")
        guard parts.count == 4, let pid = Int32(parts[1]), let start = UInt64(parts[2]) else { return true }
        return !ProcessIdentity(pid: pid, startTime: start).isAlive
    }
}
