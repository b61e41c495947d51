import LinuxHost
import Model

/// Directories of one host, named on another one. Pure, but for the working directory.
enum PlanPaths {
    /// A path from the root on, without `.`, `..` and doubled slashes, as those of manifests are.
    static func absolute(_ path: String) -> String {
        AbsolutePath.of(WorkingDirectory.absolute(path), in: "/")
    }

    /// Whether a path is in a directory, at any depth, and not the directory itself.
    static func isBelow(_ path: String, _ directory: String) -> Bool {
        path.hasPrefix(directory == "/" ? "/" : directory + "/") && path != directory
    }

    /// A path in one directory, or that directory, as if it were in another; elsewhere it stays.
    static func moved(_ path: String, from old: String?, to new: String?) -> String {
        guard let old, let new, old != new, path == old || isBelow(path, old) else { return path }
        let rest = path.dropFirst(old == "/" ? 0 : old.count)
        return new == "/" ? (rest.isEmpty ? "/" : String(rest)) : new + rest
    }
}
