import Model

/// A question of one member to others, as it stands in etcd. It ends with the lease of who asks, and so do all answers.
///
/// What it is about is not here: all nodes hear of a question, and only who is asked reads on.
public struct Question: Hashable, Sendable {
    /// Tells it from others.
    public let id: String
    /// What kind of answer is wanted.
    public let kind: String
    /// The ownership set whose agents are asked.
    public let set: String
    /// Who is asked; `nil`: every node, also one that comes later.
    public let nodes: [String]?
    /// The node on which it was asked.
    public let asker: String
    /// How many pieces it has.
    let pieces: Int
    /// Bytes of its text.
    let size: Int
    /// What it ends with.
    let lease: Int64

    init(
        id: String, kind: String, set: String, nodes: [String]?, asker: String, pieces: Int, size: Int, lease: Int64
    ) {
        self.id = id
        self.kind = kind
        self.set = set
        self.nodes = nodes
        self.asker = asker
        self.pieces = pieces
        self.size = size
        self.lease = lease
    }

    /// `nil` for what is no question, and for one that would not end by itself: nobody would take its answers away.
    init?(_ id: String, _ item: EtcdKeyValue) {
        guard item.lease != 0, !id.isEmpty, id.utf8.count <= 64, let json = item.json,
            let kind = json["kind"]?.string, let set = json["set"]?.string,
            let pieces = json["pieces"]?.int.flatMap({ Int(exactly: $0) }),
            let size = json["size"]?.int.flatMap({ Int(exactly: $0) })
        else { return nil }
        self.init(
            id: id, kind: kind, set: set, nodes: json["nodes"]?.array?.compactMap(\.string),
            asker: json["asker"]?.string ?? "", pieces: pieces, size: size, lease: item.lease)
    }

    /// Whether a node's agent of a set is asked.
    func isFor(_ node: String, set: String) -> Bool { self.set == set && nodes?.contains(node) ?? true }

    /// The value in etcd.
    var json: JSONValue {
        [
            "version": 1, "kind": .string(kind), "set": .string(set), "nodes": nodes.map { .strings($0) } ?? .null,
            "asker": .string(asker), "pieces": .int(Int64(pieces)), "size": .int(Int64(size)),
        ]
    }
}
