extension FleetView {
    /// The names of the nodes that are there, and of those that were and left something behind that is theirs: addresses
    /// that are kept for them, or how far they were with a rollout.
    public var members: Set<String> {
        var names = Set(nodes.keys)
        for claim in claims.values {
            switch claim.key {
            case .address, .replica, .turn, .update: names.insert(claim.node)
            // Whoever took these first; they are everybody's.
            case .network, .vni: break
            }
        }
        for name in rollout.keys where name.hasPrefix(FleetRollout.nodes) {
            names.insert(String(name.dropFirst(FleetRollout.nodes.count)))
        }
        return names
    }
}
