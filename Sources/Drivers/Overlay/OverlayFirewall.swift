import Model

/// What overlay networks put into the firewall beyond what bridges do.
enum OverlayFirewall {
    /// Chains that are there with overlay networks alone: a host without any pays nothing for them.
    static let chains = [
        FirewallTable.Chain(
            name: "tunnel", hook: nil, rules: ["ip saddr @tunnels4 accept", "ip6 saddr @tunnels6 accept", "drop"]),
        // Only of our networks, by the number in the VXLAN header (RFC 7348, section 5): others' tunnels are theirs.
        FirewallTable.Chain(
            name: "tunnels", hook: "filter input 0",
            rules: ["udp dport \(OverlayDriver.port) @th,96,24 @vnis goto tunnel"]),
        // Before the chain postrouting. Each node has the gateway's address, so what has it as source would be answered
        // to the wrong one; and what comes from elsewhere must be answered by way of this node.
        FirewallTable.Chain(
            name: "ingress", hook: "nat postrouting 99",
            rules: [
                "ip saddr 127.0.0.0/8 snat ip to oifname map @ingress4",
                "oifname . ip saddr @gateways4 snat ip to oifname map @ingress4",
                // From the network itself by way of a published port.
                "ct status dnat oifname . ip saddr @subnets4 snat ip to oifname map @ingress4",
                "oifname . ip saddr @subnets4 return",
                // A container on this node answers by way of it: so it sees the client's address.
                "oifname . ip daddr @kept4 return",
                "snat ip to oifname map @ingress4",
                "oifname . ip6 saddr @gateways6 snat ip6 to oifname map @ingress6",
                "ct status dnat oifname . ip6 saddr @subnets6 snat ip6 to oifname map @ingress6",
                "oifname . ip6 saddr @subnets6 return",
                "oifname . ip6 daddr @kept6 return",
                "snat ip6 to oifname map @ingress6",
            ]),
    ]

    /// The tunnels of the other live nodes.
    static func tunnelElements(_ facts: HostFacts) -> [KernelObject] {
        guard let fleet = facts.fleet else { return [] }
        return fleet.nodes.filter { $0.name != fleet.node }.map { node in
            FirewallTable.element(
                node.tunnel.family == .ipv4 ? "tunnels4" : "tunnels6", [node.tunnel.description],
                owner: .host("tunnels"), source: nil)
        }
    }

    static func networkElements(
        _ network: ResolvedNetwork, bridge: String, vni: UInt32, _ peers: OverlayPeers
    ) -> [KernelObject] {
        let owner = network.network.id
        let metadata = network.network.metadata
        func element(_ set: String, _ key: [String], target: String? = nil, _ path: String) -> KernelObject {
            FirewallTable.element(set, key, target: target, owner: owner, source: metadata.position(of: path))
        }
        var elements = [element("vnis", [String(vni)], "overlay.vni")]
        for address in peers.ingress {
            let target = address.address.description
            elements.append(element(named("ingress", address.family), [bridge], target: target, "driver"))
        }
        for pool in network.pools {
            guard let gateway = pool.gateway else { continue }
            elements.append(element(named("gateways", pool.prefix.family), [bridge, gateway.description], "subnets"))
        }
        return elements
    }

    /// Where clients' addresses are kept: at containers of this node that publish ports, and at replicas of this node to
    /// which a service's ports lead.
    static func portElements(_ endpoint: Endpoint, bridge: String, isServing: Bool) -> [KernelObject] {
        let own = endpoint.ports.filter { !$0.isLoopback6 }.map(\.family)
        let families = Set(isServing ? own + endpoint.defaultRoutes : own)
        return families.sorted().compactMap { family in
            endpoint.address(family).map {
                FirewallTable.element(
                    named("kept", family), [bridge, $0.description], owner: endpoint.container.id,
                    source: endpoint.container.metadata.position(of: "ports"))
            }
        }
    }

    private static func named(_ set: String, _ family: IPAddress.Family) -> String {
        set + (family == .ipv4 ? "4" : "6")
    }
}
