import Model

/// A Linux bridge with one veth pair an endpoint, as Docker's driver of that name.
enum BridgeDriver: NetworkDriver {
    static let name = "bridge"
    static let hasAddresses = true
    static let forwards = true

    /// Ports that one bridge can have (BR_MAX_PORTS in net/bridge/br_private.h, less the unused port 0).
    static let maximumPorts = 1023

    /// The host's own link-local address on each bridge, the same on all as Docker has it.
    private static let linkLocal = IPPrefix(IPAddress(family: .ipv6, bits: 0xfe80 << 112 | 1), length: 64)

    /// That of the uplink, but never one with which the kernel would take IPv6 off the bridge (IPV6_MIN_MTU, RFC 8200).
    static func mtu(_ network: Network, _ facts: HostFacts) -> (bytes: Int, of: String) {
        let hasIPv6 = network.ipv6 || network.subnets.contains { $0.prefix.family == .ipv6 }
        return (hasIPv6 ? max(1280, facts.defaultMTU) : facts.defaultMTU, facts.defaultLink)
    }

    static func check(_ network: ResolvedNetwork, _ context: DriverContext) -> [Diagnostic] {
        let count = context.endpoints[network.name]?.count ?? 0
        guard count > maximumPorts else { return [] }
        return [
            Diagnostic(
                code: "bridge-full", "\(count) containers on one bridge: the kernel allows \(maximumPorts)",
                hint: "spread them over several networks", resource: network.network.id,
                position: network.network.metadata.position)
        ]
    }

    static func hostObjects(_ networks: [ResolvedNetwork], _ context: DriverContext) -> [KernelObject] {
        FirewallTable.objects() + BridgeSysctls.hostObjects(networks, context.facts)
    }

    static func hostAddresses(_ network: ResolvedNetwork) -> [(address: IPAddress, object: ObjectID)] {
        let bridge = BridgeNames.bridge(network.network)
        return network.pools.compactMap { pool in
            guard let gateway = pool.gateway,
                network.network.bridge.gatewayMode[pool.prefix.family] != .isolated
            else { return nil }
            return (gateway, .address(IPPrefix(gateway, length: pool.prefix.length), on: bridge))
        }
    }

    static func networkObjects(_ network: ResolvedNetwork, _ context: DriverContext) -> [KernelObject] {
        networkObjects(network, mac: bridgeMAC(network, context), context)
    }

    /// The same, with another hardware address of the bridge.
    static func networkObjects(
        _ network: ResolvedNetwork, mac: MACAddress, _ context: DriverContext
    ) -> [KernelObject] {
        let bridge = BridgeNames.bridge(network.network)
        let metadata = network.network.metadata
        let owner = network.network.id
        var fields = [
            Field(.type, "bridge"), Field(.mtu, .int(network.mtu)), Field(.up, true),
            // A bridge without a MAC of its own takes that of a port, and changes it when the port goes.
            Field(.mac, .string(mac.description)),
            Field(.group, .int(Int(Mark.linkGroup))),
            Field(.alias, .string(Mark(set: context.set, resource: owner).alias)),
        ]
        fields.append(Field(.linkLocal, false))
        let link = KernelObject(
            .link(bridge), owner: owner, fields: fields,
            keys: [UniqueKey.mac(mac.description, in: network.name)],
            source: metadata.position,
            fieldSources: [
                .mtu: metadata.position(of: "mtu"), .type: metadata.position(of: "driver"),
            ].compactMapValues { $0 }, follows: network.follows)
        var objects = [link]
        let modes = network.network.bridge.gatewayMode
        for (index, pool) in network.pools.enumerated() where modes[pool.prefix.family] != .isolated {
            guard let gateway = pool.gateway else { continue }
            objects.append(
                KernelObject(
                    .address(IPPrefix(gateway, length: pool.prefix.length), on: bridge), owner: owner,
                    fields: [.mark], hangsOn: [link.id], keys: ["subnet \(pool.prefix)"],
                    source: metadata.position(of: "subnets[\(index)]")))
        }
        // Neighbours are asked for from this address. One of the kernel's own would be probed for duplicates first,
        // and hold all IPv6 up for two seconds.
        if network.pool(.ipv6) != nil, modes.ipv6 != .isolated {
            objects.append(
                KernelObject(
                    .address(linkLocal, on: bridge), owner: owner, fields: [.mark], hangsOn: [link.id],
                    source: metadata.position))
        }
        objects += BridgeSysctls.objects(network, bridge: bridge, context)
        objects += BridgeFirewall.networkElements(network, bridge: bridge)
        return objects
    }

    static func endpointObjects(
        _ endpoint: Endpoint, _ network: ResolvedNetwork, _ context: DriverContext
    ) -> [KernelObject] {
        let container = endpoint.container.metadata.name
        let owner = endpoint.container.id
        let source = endpoint.container.metadata.position(of: "networks[\(endpoint.index)]")
        let bridge = BridgeNames.bridge(network.network)
        let hostEnd = BridgeNames.veth(set: context.set, container: container, network: network.name)
        let hasIPv6 = endpoint.address(.ipv6) != nil
        let alias = Mark(set: context.set, resource: owner, network: network.name).alias
        let mac = endpoint.mac.description
        // As the inner end's, in a range of its own.
        let outerMAC = MACAddress(bits: 0x0246 << 32 | endpoint.mac.bits & 0xffff_ffff).description
        let mark = [Field(.group, .int(Int(Mark.linkGroup))), Field(.alias, .string(alias))]
        let sources = network.linkSources
        let inside = KernelObject(
            .link(endpoint.interface, in: container), owner: owner,
            fields: [
                Field(.type, "veth"), Field(.mtu, .int(network.mtu)), Field(.up, true),
                Field(.mac, .string(mac)), Field(.peer, .string(hostEnd)),
                Field(.linkLocal, .bool(hasIPv6)),
            ] + mark, hangsOn: [.sandbox(container)],
            keys: ["link \(hostEnd)", UniqueKey.mac(mac, in: network.name)], source: source, fieldSources: sources,
            follows: network.follows)
        let outside = KernelObject(
            .link(hostEnd), owner: owner,
            fields: [
                Field(.type, "veth"), Field(.mtu, .int(network.mtu)), Field(.up, true),
                Field(.mac, .string(outerMAC)), Field(.master, .string(bridge)), Field(.hairpin, true),
                Field(.isolated, .bool(isolatesPorts(network, context.facts))), Field(.linkLocal, false),
            ] + mark, hangsOn: [inside.id], after: [.link(bridge)], keys: [UniqueKey.mac(outerMAC, in: network.name)],
            source: source, fieldSources: sources, follows: network.follows)
        return [inside, outside] + EndpointAddressing.objects(endpoint, network, on: inside.id, source)
            + BridgeFirewall.portElements(endpoint, network)
            + ForwardObjects.objects(endpoint, forwarded(endpoint, network), context.facts)
    }

    /// A routed network does not use the host's ports, but where one is asked for on ::1.
    private static func forwarded(_ endpoint: Endpoint, _ network: ResolvedNetwork) -> [PublishedPort] {
        let modes = network.network.bridge.gatewayMode
        return endpoint.ports.filter { modes[$0.family] != .routed || $0.isLoopback6 }
    }

    /// Bridged packets are kept apart by the firewall where they pass it, by the bridge itself where they do not.
    static func isolatesPorts(_ network: ResolvedNetwork, _ facts: HostFacts) -> Bool {
        guard !network.network.bridge.icc else { return false }
        return network.pool(.ipv4) != nil && !facts.bridgedIPv4PassesFirewall
            || network.pool(.ipv6) != nil && !facts.bridgedIPv6PassesFirewall
    }

    private static func bridgeMAC(_ network: ResolvedNetwork, _ context: DriverContext) -> MACAddress {
        if let gateway = network.pools.first?.gateway { return MACAddress(derivedFrom: gateway) }
        return MACAddress(bits: 0x0244 << 32 | StableHash.of("\(context.set)/\(network.name)") & 0xffff_ffff)
    }
}
