import Model

extension HostFacts {
    /// Where tunnels to this node are to end: where its agent was told, else at the first global address of the link with
    /// the default route; `nil` on a host that is in no fleet, and where there is none.
    public var ownTunnel: IPAddress? {
        fleet.flatMap { $0.tunnel ?? uplinks.first(where: \.isDefault)?.addresses.first }
    }

    /// Where the tunnels of this node start and end. What its fleet knows of it counts, as long as it is a member: while
    /// it is none, as after a time without etcd, what its host says, so that nothing is taken down for that.
    var tunnel: IPAddress? {
        fleet.flatMap { fleet in fleet.nodes.first { $0.name == fleet.node }?.tunnel } ?? ownTunnel
    }
}
