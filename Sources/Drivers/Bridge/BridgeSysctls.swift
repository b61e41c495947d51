import Model

/// The sysctls that a bridge network needs. Forwarding is turned on per link, never for all of IPv4.
enum BridgeSysctls {
    static func objects(_ network: ResolvedNetwork, bridge: String, _ context: DriverContext) -> [KernelObject] {
        var objects: [KernelObject] = []
        let owner = network.network.id
        func set(_ path: String, _ value: String, after: [ObjectID] = []) {
            objects.append(
                KernelObject(
                    .sysctl(path), owner: owner, fields: [Field(.value, .string(value))], hangsOn: [.link(bridge)],
                    after: after, source: network.network.metadata.position))
        }
        if network.gateway(.ipv4) != nil {
            set("net/ipv4/conf/\(bridge)/forwarding", "1")
            let isPublished =
                context.published.contains(network.name)
                || context.endpoints[network.name]?.contains { !$0.ports.allSatisfy(\.isLoopback6) } ?? false
            // Lets the host reach published ports at 127.0.0.1; the guard against the wire must stand before.
            if isPublished { set("net/ipv4/conf/\(bridge)/route_localnet", "1", after: [.firewallChain("raw")]) }
        }
        if network.pool(.ipv6) != nil { set("net/ipv6/conf/\(bridge)/accept_ra", "0") }
        return objects
    }

    /// What all bridge networks together need of the host's other links.
    static func hostObjects(_ networks: [ResolvedNetwork], _ facts: HostFacts) -> [KernelObject] {
        let owner = ResourceID.host("forwarding")
        func sysctl(_ path: String, _ value: String, after: [ObjectID] = []) -> KernelObject {
            KernelObject(.sysctl(path), owner: owner, fields: [Field(.value, .string(value))], after: after)
        }
        var objects: [KernelObject] = []
        if networks.contains(where: { $0.gateway(.ipv4) != nil }) {
            for link in facts.uplinks where link.hasIPv4 {
                objects.append(sysctl("net/ipv4/conf/\(link.name)/forwarding", "1"))
            }
        }
        if networks.contains(where: { $0.gateway(.ipv6) != nil }) {
            // Turning forwarding on deletes a default route learned by advertisement, and hears no other, unless
            // accept_ra is 2.
            let kept = facts.linksHeedingAdvertisements.map { sysctl("net/ipv6/conf/\($0)/accept_ra", "2") }
            objects += kept
            objects.append(sysctl("net/ipv6/conf/all/forwarding", "1", after: kept.map(\.id)))
        }
        return objects
    }
}
