import Model

/// One segment over all nodes of a fleet, as Docker's driver of that name: on each node a bridge as the bridge driver's,
/// and one vxlan (RFC 7348) to the other nodes.
///
/// Nothing is learned and nothing flooded: for each endpoint elsewhere there is a forwarding entry, by which the frames
/// find its node, and a neighbour, from which ARP and neighbour solicitations are answered here. The kernel sends what
/// it finds no entry for to nobody (vxlan_xmit in drivers/net/vxlan/vxlan_core.c). On a host without a fleet it is one
/// node's network.
enum OverlayDriver: NetworkDriver {
    static let name = "overlay"
    static let hasAddresses = true
    static let forwards = true
    static let spansNodes = true

    /// VXLAN's UDP port (IANA).
    static let port = 4789

    /// What a tunnel adds to a packet, in bytes: the Ethernet header inside, VXLAN 8, UDP 8, and IPv4 20 or IPv6 40.
    private static func overhead(_ family: IPAddress.Family) -> Int { 14 + 8 + 8 + (family == .ipv4 ? 20 : 40) }

    static func mtu(_ network: Network, _ facts: HostFacts) -> (bytes: Int, of: String) {
        let own = facts.tunnel
        let uplink = own.flatMap { own in facts.uplinks.first { $0.addresses.contains(own) } }
        let bytes = (uplink?.mtu ?? facts.defaultMTU) - overhead(own?.family ?? .ipv4)
        return (bytes, uplink?.name ?? facts.defaultLink)
    }

    static func linkKinds(_ network: Network, _ facts: HostFacts) -> [String] { ["vxlan"] }

    static func options(_ network: Network, _ facts: HostFacts) -> [JSONValue.Member] {
        [
            .init("vni", .int(Int64(OverlayNames.vni(network, facts)))), .init("icc", .bool(network.overlay.icc)),
            .init("encrypted", .bool(network.overlay.encrypted)),
        ]
    }

    /// The network as the bridge driver sees it.
    private static func bridged(_ network: ResolvedNetwork) -> ResolvedNetwork {
        var bridged = network
        bridged.network.bridge = BridgeOptions(icc: network.network.overlay.icc)
        return bridged
    }

    static func hostAddresses(_ network: ResolvedNetwork) -> [(address: IPAddress, object: ObjectID)] {
        BridgeDriver.hostAddresses(bridged(network))
    }

    static func check(_ network: ResolvedNetwork, _ context: DriverContext) -> [Diagnostic] {
        var found: [Diagnostic] = []
        func report(_ code: String, _ message: String, hint: String, _ field: String, isError: Bool = true) {
            found.append(
                Diagnostic(
                    isError ? .error : .warning, code: code, message, hint: hint, resource: network.network.id,
                    position: network.network.metadata.position(of: field)))
        }
        let count = (context.endpoints[network.name]?.count ?? 0) + 1
        if count > BridgeDriver.maximumPorts {
            report(
                "bridge-full",
                "\(count - 1) containers on one bridge: the kernel allows \(BridgeDriver.maximumPorts - 1)",
                hint: "spread them over several networks or nodes", "name")
        }
        if network.pool(.ipv6) != nil, network.mtu < 1280 {
            report(
                "mtu-too-small", "the tunnel leaves \(network.mtu) bytes, which is too small for IPv6",
                hint: "IPv6 needs 1280 (RFC 8200): raise the MTU of the link that the tunnels leave by", "mtu")
        }
        for node in OverlayPeers.unreachable(context.facts) {
            report(
                "tunnel-family", "node \(node.name) cannot be reached: its tunnels end at \(node.tunnel)",
                hint: "all nodes of a fleet need tunnel addresses of one family", "driver", isError: false)
        }
        return found
    }

    static func conflicts(_ networks: [ResolvedNetwork], _ facts: HostFacts) -> [Diagnostic] {
        // What nobody heard of yet says nothing: all of it is left as it is.
        if !networks.isEmpty, facts.fleet?.isKnown == false {
            return (networks.map(\.network.id) + [.host("tunnels")]).map { resource in
                Diagnostic(
                    code: "fleet-unknown", "nothing is known of the fleet yet",
                    hint: "it goes on as it is until etcd answers: reconcile fleet status", resource: resource)
            }
        }
        var holders: [UInt32: Network] = [:]
        return networks.compactMap { resolved in
            let network = resolved.network
            let vni = OverlayNames.vni(network, facts)
            guard let holder = holders[vni] else {
                holders[vni] = network
                return nil
            }
            return Diagnostic(
                code: "duplicate-vni", "VNI \(vni) is that of \(holder.id) already",
                hint: "choose another: overlay: { vni: 4097 }",
                resource: network.id, position: network.metadata.position(of: "overlay.vni"))
        }
    }

    static func hostObjects(_ networks: [ResolvedNetwork], _ context: DriverContext) -> [KernelObject] {
        BridgeDriver.hostObjects(networks, context) + FirewallTable.objects(OverlayFirewall.chains)
            + OverlayFirewall.tunnelElements(context.facts)
    }

    static func networkObjects(_ network: ResolvedNetwork, _ context: DriverContext) -> [KernelObject] {
        let peers = OverlayPeers(network, context.facts)
        let mac = OverlayNames.bridgeMAC(network.name, node: context.facts.fleet?.node ?? "")
        let bridge = BridgeNames.bridge(bridged(network).network)
        let vni = OverlayNames.vni(network.network, context.facts)
        let vxlan = vxlan(network, bridge: bridge, vni: vni, peers, context)
        return BridgeDriver.networkObjects(bridged(network), mac: mac, context)
            + ingress(network, bridge: bridge, peers) + [vxlan] + entries(network, peers)
            + OverlayFirewall.networkElements(network, bridge: bridge, vni: vni, peers)
    }

    static func endpointObjects(
        _ endpoint: Endpoint, _ network: ResolvedNetwork, _ context: DriverContext
    ) -> [KernelObject] {
        let network = bridged(network)
        let isServing = context.balanced.contains(endpoint.container.metadata.name)
        return BridgeDriver.endpointObjects(endpoint, network, context)
            + OverlayFirewall.portElements(
                endpoint, bridge: BridgeNames.bridge(network.network), isServing: isServing)
    }

    static func remoteObjects(
        _ endpoints: [FleetFacts.RemoteEndpoint], _ network: ResolvedNetwork, _ facts: HostFacts
    ) -> [KernelObject] { entries(network, OverlayPeers(endpoints, network, facts)) }

    /// The node's own addresses, beside the gateway's: second, so that the gateway's is the one that is the subnet's.
    private static func ingress(
        _ network: ResolvedNetwork, bridge: String, _ peers: OverlayPeers
    ) -> [KernelObject] {
        peers.ingress.map { address in
            let gateway = network.pool(address.family)?.gateway.map { IPPrefix($0, length: address.length) }
            return KernelObject(
                .address(address, on: bridge), owner: network.network.id, fields: [.mark], hangsOn: [.link(bridge)],
                after: gateway.map { [.address($0, on: bridge)] } ?? [], source: network.network.metadata.position)
        }
    }

    private static func vxlan(
        _ network: ResolvedNetwork, bridge: String, vni: UInt32, _ peers: OverlayPeers, _ context: DriverContext
    ) -> KernelObject {
        let owner = network.network.id
        let metadata = network.network.metadata
        let mac = OverlayNames.vxlanMAC(network.name, context).description
        let bridged = bridged(network)
        let fields = [
            Field(.type, "vxlan"), Field(.mtu, .int(network.mtu)), Field(.up, true), Field(.mac, .string(mac)),
            Field(.master, .string(bridge)), Field(.hairpin, false),
            Field(.isolated, .bool(BridgeDriver.isolatesPorts(bridged, context.facts))),
            // All that is beyond it is known: so nothing is learned from it, and nothing unknown sent there.
            Field(.portLearning, false), Field(.flood, false), Field(.vni, .int(Int(vni))),
            Field(.underlay, peers.local?.family == .ipv6 ? "ipv6" : "ipv4"),
            Field(.local, .string(peers.local?.description ?? "")), Field(.port, .int(port)), Field(.learning, false),
            Field(.proxy, true), Field(.linkLocal, false), Field(.group, .int(Int(Mark.linkGroup))),
            Field(.alias, .string(Mark(set: context.set, resource: owner).alias)),
        ]
        return KernelObject(
            .link(OverlayNames.vxlan(network.name)), owner: owner, fields: fields,
            // No tunnel before the guard that keeps others out of it.
            after: [.link(bridge), .firewallChain("tunnels"), FirewallElement(set: "vnis", key: [String(vni)]).id],
            keys: [UniqueKey.mac(mac, in: network.name), UniqueKey.vni(vni)], source: metadata.position,
            fieldSources: [
                .mtu: metadata.position(of: "mtu"), .type: metadata.position(of: "driver"),
                .vni: metadata.position(of: "overlay.vni"),
            ].compactMapValues { $0 }, follows: network.follows)
    }

    /// Where each endpoint elsewhere is, and what its addresses lead to.
    private static func entries(_ network: ResolvedNetwork, _ peers: OverlayPeers) -> [KernelObject] {
        let owner = network.network.id
        let vxlan = ObjectID.link(OverlayNames.vxlan(network.name))
        let families = Set(network.pools.map(\.prefix.family))
        var objects: [KernelObject] = []
        objects.reserveCapacity(peers.remote.count * (families.count + 1))
        for (endpoint, tunnel) in peers.remote {
            objects.append(
                KernelObject(
                    .forwarding(endpoint.mac, on: vxlan.name), owner: owner,
                    fields: [Field(.destination, .string(tunnel.description)), Field(.bridged, true)],
                    hangsOn: [vxlan]))
            for address in endpoint.addresses where families.contains(address.family) {
                objects.append(
                    KernelObject(
                        .neighbour(address, on: vxlan.name), owner: owner,
                        fields: [Field(.mac, .string(endpoint.mac.description)), .mark], hangsOn: [vxlan]))
            }
        }
        return objects
    }
}
