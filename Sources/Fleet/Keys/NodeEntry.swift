import Model

/// What a node says of itself. It goes when the node's lease ends.
public struct NodeEntry: Hashable, Sendable {
    /// How the node is doing.
    public enum Health: String, Hashable, Sendable, CaseIterable {
        /// Everything is as the manifests say.
        case ready
        /// A pass is under way.
        case reconciling
        /// The last pass failed.
        case failed
        /// The agent has not said yet.
        case unknown
    }

    /// The node's name.
    public var name: String
    /// Tells one machine from another that was given the same bundle.
    public var instance: String
    /// The address at which it takes VXLAN packets of the overlays.
    public var vtep: IPAddress?
    /// For `nodeSelector`.
    public var labels: [String: String]
    /// The revision of the manifests that it runs: a commit, or a digest of the files.
    public var revision: String
    /// How it is doing.
    public var health: Health
    /// What is wrong, in a sentence.
    public var message: String?
    /// When its certificate ends, in seconds since 1970.
    public var certificateEnds: Int64
    /// The lease; 0 in an entry that is to be published.
    public var lease: Int64

    /// An entry by its parts.
    public init(
        name: String, instance: String = "", vtep: IPAddress? = nil, labels: [String: String] = [:],
        revision: String = "", health: Health = .unknown, message: String? = nil, certificateEnds: Int64 = 0,
        lease: Int64 = 0
    ) {
        self.name = name
        self.instance = instance
        self.vtep = vtep
        self.labels = labels
        self.revision = revision
        self.health = health
        self.message = message
        self.certificateEnds = certificateEnds
        self.lease = lease
    }

    init?(_ name: String, _ item: EtcdKeyValue) {
        guard let json = item.json, json.members != nil else { return nil }
        let labels = (json["labels"]?.members ?? []).compactMap { member in
            member.value.string.map { (member.name, $0) }
        }
        self.init(
            name: name, instance: json["instance"]?.string ?? "",
            vtep: json["vtep"]?.string.flatMap { IPAddress($0) }, labels: Dictionary(labels) { $1 },
            revision: json["revision"]?.string ?? "",
            health: json["health"]?.string.flatMap { Health(rawValue: $0) } ?? .unknown,
            message: json["message"]?.string, certificateEnds: json["certificateEnds"]?.int ?? 0, lease: item.lease)
    }

    /// The value in etcd.
    var json: JSONValue {
        [
            "version": 1, "instance": .string(instance), "vtep": .optional(vtep?.description),
            "labels": .strings(labels), "revision": .string(revision), "health": .string(health.rawValue),
            "message": .optional(message), "certificateEnds": .int(certificateEnds),
        ]
    }
}
