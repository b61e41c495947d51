/// What a kernel object is known by: its kind, where it is, and its name there.
public struct ObjectID: Hashable, Sendable {
    /// link, address, …
    public let kind: ObjectKind
    /// The sandbox that it is in; empty: the host.
    public let sandbox: String
    /// The link that it is on; empty where that means nothing.
    public let link: String
    /// Its name among its like.
    public let name: String

    /// An id.
    public init(_ kind: ObjectKind, _ name: String, on link: String = "", in sandbox: String = "") {
        self.kind = kind
        self.sandbox = sandbox
        self.link = link
        self.name = name
    }

    /// Kind and name: `address 10.20.0.1/24`.
    public var title: String { "\(kind.name) \(name)" }

    /// Where: `on eth0 in web`; empty for what is simply on the host.
    public var place: String {
        let on = link.isEmpty ? "" : "on \(link)"
        let `in` = sandbox.isEmpty || sandbox == name ? "" : "in \(sandbox)"
        return on.isEmpty || `in`.isEmpty ? on + `in` : "\(on) \(`in`)"
    }
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
