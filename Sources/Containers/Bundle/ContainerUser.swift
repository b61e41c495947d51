import Model

/// The user that a container's process runs as, looked up in the image's own /etc/passwd and /etc/group.
public struct ContainerUser: Hashable, Sendable {
    /// User id.
    public var uid: UInt32
    /// Primary group id.
    public var gid: UInt32
    /// Supplementary group ids, ascending; only for a user without an explicit group, as in Docker.
    public var additionalGids: [UInt32]
    /// `/` where no entry names one.
    public var home: String

    /// A user from `user[:group]` (empty: root) and the texts of both files. Numbers need no entry; names do.
    /// Throws `unknown-user` or `unknown-group`.
    public init(_ text: String, passwd: String, group: String) throws(Diagnostic) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
        let wanted = parts.first.map { $0.isEmpty ? "0" : $0 } ?? "0"
        let users = Self.entries(passwd)
        // A name that is all digits is looked up as a number, as Docker does after the name failed.
        let entry =
            users.first { $0.count >= 4 && $0[0] == wanted }
            ?? UInt32(wanted).flatMap { number in users.first { $0.count >= 4 && UInt32($0[2]) == number } }
        if let entry, let uid = UInt32(entry[2]) {
            self.uid = uid
            gid = UInt32(entry[3]) ?? 0
            home = entry.count > 5 && !entry[5].isEmpty ? String(entry[5]) : "/"
        } else if let uid = UInt32(wanted) {
            self.uid = uid
            gid = 0
            home = uid == 0 ? "/root" : "/"
        } else {
            throw Diagnostic(
                code: "unknown-user", "the image has no user \(wanted)",
                hint: "a number needs no entry in the image's /etc/passwd")
        }
        let groups = Self.entries(group)
        additionalGids = []
        if parts.count == 2, !parts[1].isEmpty {
            if let entry = groups.first(where: { $0.count >= 3 && $0[0] == parts[1] }), let gid = UInt32(entry[2]) {
                self.gid = gid
            } else if let gid = UInt32(parts[1]) {
                self.gid = gid
            } else {
                throw Diagnostic(
                    code: "unknown-group", "the image has no group \(parts[1])",
                    hint: "a number needs no entry in the image's /etc/group")
            }
        } else if let name = entry?[0] {
            let found = groups.filter { $0.count >= 4 && $0[3].split(separator: ",").contains(name) }
            additionalGids = Set(found.compactMap { UInt32($0[2]) }).subtracting([gid]).sorted()
        }
    }

    /// `process.user` of the runtime-spec.
    var document: JSONValue {
        var members: [JSONValue.Member] = [.init("uid", .int(Int64(uid))), .init("gid", .int(Int64(gid)))]
        if !additionalGids.isEmpty {
            members.append(.init("additionalGids", .array(additionalGids.map { .int(Int64($0)) })))
        }
        return .object(members)
    }

    private static func entries(_ text: String) -> [[Substring]] {
        text.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
    }
}
