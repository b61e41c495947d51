import Synchronization

/// What a kernel object is known by: its kind, where it is, and its name there.
///
/// Its parts lie behind one reference, with their hash once it was asked for: a pass copies and looks up hundreds of
/// thousands of ids.
public struct ObjectID: Hashable, Sendable {
    private final class Parts: Sendable {
        let kind: ObjectKind
        let sandbox: String
        let link: String
        let name: String
        /// 0 until it is known. Threads that work it out at once find the same.
        private let knownHash = Atomic<Int>(0)

        init(_ kind: ObjectKind, _ sandbox: String, _ link: String, _ name: String) {
            self.kind = kind
            self.sandbox = sandbox
            self.link = link
            self.name = name
        }

        var hash: Int {
            let known = knownHash.load(ordering: .relaxed)
            if known != 0 { return known }
            var hasher = Hasher()
            hasher.combine(kind)
            hasher.combine(sandbox)
            hasher.combine(link)
            hasher.combine(name)
            let hash = hasher.finalize()
            knownHash.store(hash, ordering: .relaxed)
            return hash
        }
    }

    private let parts: Parts

    /// link, address, …
    public var kind: ObjectKind { parts.kind }
    /// The sandbox that it is in; empty: the host.
    public var sandbox: String { parts.sandbox }
    /// The link that it is on; empty where that means nothing.
    public var link: String { parts.link }
    /// Its name among its like.
    public var name: String { parts.name }

    /// An id.
    public init(_ kind: ObjectKind, _ name: String, on link: String = "", in sandbox: String = "") {
        parts = Parts(kind, sandbox, link, name)
    }

    /// Kind and name: `address 10.20.0.1/24`.
    public var title: String { "\(kind.name) \(name)" }

    /// Where: `on eth0 in web`; empty for what is simply on the host.
    public var place: String {
        let on = link.isEmpty ? "" : "on \(link)"
        let `in` = sandbox.isEmpty || sandbox == name ? "" : "in \(sandbox)"
        return on.isEmpty || `in`.isEmpty ? on + `in` : "\(on) \(`in`)"
    }

    /// The same kind, place and name.
    public static func == (left: ObjectID, right: ObjectID) -> Bool {
        let (left, right) = (left.parts, right.parts)
        if left === right { return true }
        return left.hash == right.hash && left.kind === right.kind && left.name == right.name
            && left.sandbox == right.sandbox && left.link == right.link
    }

    /// By kind, place and name.
    public func hash(into hasher: inout Hasher) { hasher.combine(parts.hash) }

    /// What the standard library's tables ask for (`Hashable` in stdlib/public/core/Hashable.swift). The known hash is
    /// random already: hashing it again is a tenth of what planning costs.
    public func _rawHashValue(seed: Int) -> Int { parts.hash ^ seed }
}

extension ObjectID: Comparable, CustomStringConvertible {
    /// In the order in which a plan lists them.
    public static func < (left: ObjectID, right: ObjectID) -> Bool {
        if left.kind.rank != right.kind.rank { return left.kind.rank < right.kind.rank }
        if left.sandbox != right.sandbox { return left.sandbox < right.sandbox }
        return left.link == right.link ? left.name < right.name : left.link < right.link
    }

    /// Title and place.
    public var description: String { place.isEmpty ? title : "\(title) \(place)" }
}
