import CLinux
import Glibc

/// Files inside a root file system, whose symbolic links are followed inside it: an image must not lead us to files of
/// the host.
extension Files {
    /// The text of a file; `nil` where it cannot be read.
    static func inRoot(_ path: String, of root: String) -> String? {
        guard let opened = open(path, inRoot: root, flags: O_RDONLY | O_NONBLOCK) else { return nil }
        return text("/proc/self/fd/\(opened.number)")
    }

    /// The type and permissions of a file (`st_mode`); `nil` where there is none, or it cannot be told (`errno`).
    static func mode(of path: String, inRoot root: String) -> mode_t? {
        guard let opened = open(path, inRoot: root, flags: RECONCILE_O_PATH) else { return nil }
        var status = stat()
        return fstat(opened.number, &status) == 0 ? status.st_mode : nil
    }

    private static func open(_ path: String, inRoot root: String, flags: Int32) -> Descriptor? {
        let descriptor = Glibc.open(root, RECONCILE_O_PATH | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        let holder = Descriptor(descriptor)
        var how = open_how()
        how.flags = UInt64(flags | O_CLOEXEC)
        how.resolve = UInt64(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
        let file = Int32(
            reconcile_syscall_openat2(
                Int(RECONCILE_SYS_OPENAT2), holder.number, path, &how, MemoryLayout<open_how>.size))
        return file >= 0 ? Descriptor(file) : nil
    }
}
