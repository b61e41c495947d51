/// Absolute paths, as Go's filepath.Abs makes them.
public enum AbsolutePath {
    /// `path`, taken from an absolute directory where it is relative.
    public static func of(_ path: String, in directory: String) -> String {
        var parts: [Substring] = []
        let whole = path.utf8.first == UInt8(ascii: "/") ? path : "\(directory)/\(path)"
        for part in whole.utf8.split(separator: UInt8(ascii: "/")).map({ Substring($0) }) where part != "." {
            if part != ".." { parts.append(part) } else if !parts.isEmpty { parts.removeLast() }
        }
        return "/" + parts.joined(separator: "/")
    }
}
