import Glibc

/// Tells whether a process is in the sandbox that its container has now.
public enum SandboxMembership {
    /// The magic number of the file system of namespaces (linux/magic.h, NSFS_MAGIC).
    private static let namespaceFileSystem = 0x6e73_6673

    /// True where the process is in the sandbox, and where no sandbox is bound, since then the process holds it.
    public static func isIn(_ container: String, process: Int32) -> Bool {
        var sandbox = stat()
        var own = stat()
        let path = SandboxDirectory.path(container)
        guard stat(path, &sandbox) == 0, stat("/proc/\(process)/ns/net", &own) == 0 else { return true }
        if sandbox.st_ino == own.st_ino, sandbox.st_dev == own.st_dev { return true }
        var system = statfs()
        return statfs(path, &system) == 0 && Int(system.f_type) != namespaceFileSystem
    }
}
