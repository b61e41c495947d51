/// What this node knows of its fleet when it starts: `<data-dir>/fleet/`.
public struct FleetMembership: Hashable, Sendable {
    /// The fleet.
    public var fleet: String
    /// This node's name in it.
    public var node: String
    /// Where etcd is.
    public var endpoints: [EtcdEndpoint]
    /// Tells this machine from another that was given the same bundle.
    public var instance: String
    /// How long a node is a member after it was last heard of, in seconds: the same for all, since each has it from the
    /// bundle with which it joined.
    public var leaseSeconds: Int
    /// The certificates and the key.
    public var identity: EtcdIdentity
}
