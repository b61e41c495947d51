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
    /// The certificates and the key.
    public var identity: EtcdIdentity
}
