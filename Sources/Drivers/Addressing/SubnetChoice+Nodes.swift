import Model

/// Subnets of networks that are one on all nodes of a fleet.
extension SubnetChoice {
    /// Docker's pool for overlay networks, from which each gets a /24.
    static let sharedPool = IPPrefix(IPAddress(v4: 10 << 24), length: 8)

    private static func shared(_ name: String, step: UInt64 = 0) -> IPPrefix {
        let number = (StableHash.of("overlay/\(name)") &+ step) % (1 << 16)
        return IPPrefix(IPAddress(v4: 10 << 24 | UInt32(number) << 8), length: 24)
    }

    /// The one that follows from the name: nodes cannot ask each other, and each sees other routes and other networks.
    /// So where it is not free here it is an error, never another one.
    mutating func chooseOfFleet(_ network: Network, _ prefix: IPPrefix) -> IPPrefix? {
        let route = facts.routes.map(\.destination).first { $0.overlaps(prefix) && $0.length > 0 }
        let holder = overlaps.holder(of: prefix)
        guard route != nil || holder != nil || !isFree(prefix) else { return prefix }
        diagnostics.append(
            Diagnostic(
                code: "subnet-taken",
                "the subnet that follows from the network's name, \(prefix), overlaps "
                    + (holder.map { "that of \($0.holder)" } ?? route.map { "the host's route to \($0)" }
                        ?? "another network of this node"),
                hint: "choose one that is free on all nodes: subnets: [{ subnet: 10.x.y.0/24 }]",
                resource: network.id, position: network.metadata.position))
        return nil
    }

    mutating func chooseShared(_ family: IPAddress.Family, _ network: Network) -> IPPrefix? {
        let name = network.metadata.name
        if facts.fleet != nil {
            let chosen = chooseOfFleet(network, family == .ipv4 ? Self.shared(name) : Self.uniqueLocal(name, 0))
            if let chosen { take(chosen) }
            return chosen
        }
        guard family == .ipv4 else { return choose(family, network) }
        let kept = kept(.ipv4, name)
        let steps = (0..<UInt64(1 << 16)).lazy.map { Self.shared(name, step: $0) }
        guard let chosen = kept ?? steps.first(where: isClear) else {
            diagnostics.append(
                Diagnostic(
                    code: "no-free-subnet", "no IPv4 subnet is free for this network: none of \(Self.sharedPool) is",
                    hint: "choose one: subnets: [{ subnet: 172.16.y.0/24 }]", resource: network.id,
                    position: network.metadata.position))
            return nil
        }
        take(chosen)
        return chosen
    }
}
