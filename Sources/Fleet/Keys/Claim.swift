import Model

/// What somebody holds.
public struct Claim: Hashable, Sendable {
    /// What.
    public var key: ClaimKey
    /// The node that holds it.
    public var node: String
    /// For what on that node: `container/web`, `ingress`. A network's claim has the network, so that all nodes share it.
    public var holder: String
    /// The VNI of a claimed network.
    public var vni: UInt32?
    /// The lease that it ends with; 0 for none.
    public var lease: Int64
    /// The revision in which it was last written: what replaces it has to name that.
    public var revision: Int64

    /// A claim by its parts.
    public init(
        key: ClaimKey, node: String, holder: String, vni: UInt32? = nil, lease: Int64 = 0, revision: Int64 = 0
    ) {
        self.key = key
        self.node = node
        self.holder = holder
        self.vni = vni
        self.lease = lease
        self.revision = revision
    }

    init?(_ key: ClaimKey, _ item: EtcdKeyValue) {
        guard let json = item.json, let node = json["node"]?.string, let holder = json["holder"]?.string else {
            return nil
        }
        self.init(
            key: key, node: node, holder: holder, vni: json["vni"]?.int.flatMap { UInt32(exactly: $0) },
            lease: item.lease, revision: item.modRevision)
    }

    /// The value in etcd.
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("version", 1), .init("node", .string(node)), .init("holder", .string(holder)),
        ]
        if let vni { members.append(.init("vni", .int(Int64(vni)))) }
        return .object(members)
    }
}
