import Glibc

/// Where relative paths begin.
public enum WorkingDirectory {
    /// A path from the root of the file system, links not followed.
    public static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let working = getcwd(nil, 0) else { return "/" + path }
        defer { free(working) }
        return String(cString: working) + "/" + path
    }
}
