import Glibc

/// Tells whether a process is in the sandbox that its container has now.
public enum SandboxMembership {
    /// The inode of the namespace that is bound as a container's sandbox; `nil` where none is.
    static func inode(_ container: String) -> UInt64? {
        var sandbox = stat()
        var own = stat()
        guard stat(SandboxDirectory.path(container), &sandbox) == 0, stat("/proc/self/ns/net", &own) == 0,
            sandbox.st_dev == own.st_dev
        else { return nil }
        return UInt64(sandbox.st_ino)
    }

    /// True where the process is in the sandbox, and where no sandbox is bound, since then the process holds it.
    public static func isIn(_ container: String, process: Int32) -> Bool {
        var sandbox = stat()
        var own = stat()
        let path = SandboxDirectory.path(container)
        guard stat(path, &sandbox) == 0, stat("/proc/\(process)/ns/net", &own) == 0 else { return true }
        // All namespaces are on one file system of their own: a file that is not there is nobody's sandbox.
        return sandbox.st_dev != own.st_dev || sandbox.st_ino == own.st_ino
    }
}
