import Glibc

/// What a directory has in it.
public enum DirectoryListing {
    /// What an entry is, links not followed.
    enum Kind {
        case directory
        case link
        case other
    }

    /// The names without `.` and `..`, in no order; empty where it cannot be read.
    public static func names(_ path: String) -> [String] { entries(path).map(\.name) }

    /// The names with what they are.
    static func entries(_ path: String) -> [(name: String, kind: Kind)] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var entries: [(String, Kind)] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { entries.append((name, kind(entry.pointee.d_type, "\(path)/\(name)"))) }
        }
        return entries
    }

    /// Some file systems do not say the type along with the name (readdir(3)).
    private static func kind(_ type: UInt8, _ path: String) -> Kind {
        switch Int(type) {
        case Int(DT_DIR): return .directory
        case Int(DT_LNK): return .link
        case Int(DT_UNKNOWN):
            var status = stat()
            guard lstat(path, &status) == 0 else { return .other }
            return status.st_mode & S_IFMT == S_IFDIR ? .directory : status.st_mode & S_IFMT == S_IFLNK ? .link : .other
        default: return .other
        }
    }
}
