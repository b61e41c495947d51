import Model

/// Checks of what the user names in a repository.
enum GitNames {
    /// Whether this can be a branch, by the rules of git-check-ref-format(1). A leading hyphen is allowed: git is only
    /// ever given `refs/heads/NAME`.
    static func isBranch(_ name: String) -> Bool {
        let forbidden = Set(" ~^:?*[\\".utf8)
        guard !name.isEmpty, name != "@", name.utf8.count <= 200, !name.hasSuffix("."), !name.contains("@{"),
            name.utf8.allSatisfy({ $0 > 0x1f && $0 != 0x7f && !forbidden.contains($0) })
        else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && !part.hasPrefix(".") && !part.hasSuffix(".lock") && part.firstRange(of: "..") == nil
        }
    }

    /// A folder below the top of the repository, without `.` and needless slashes; empty for the top. `nil` where it
    /// is absolute or would lead out.
    static func folder(_ path: String) -> String? {
        guard !path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x1f && $0 != 0x7f }) else { return nil }
        let parts = path.split(separator: "/").filter { $0 != "." }
        return parts.contains("..") ? nil : parts.joined(separator: "/")
    }

    /// Whether this is the id of an object, SHA-1 or SHA-256.
    static func isObject(_ text: some StringProtocol) -> Bool {
        [40, 64].contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
