import Model

/// A Linux bridge with one veth pair an endpoint, as Docker's driver of that name.
enum BridgeDriver: NetworkDriver {
    static let name = "bridge"
    static let hasAddresses = true

    /// Ports that one bridge can have (BR_MAX_PORTS in net/bridge/br_private.h, less the unused port 0).
    private static let maximumPorts = 1023

    /// The host's own link-local address on each bridge, the same on all as Docker has it.
    private static let linkLocal = IPPrefix(IPAddress(family: .ipv6, bits: 0xfe80 << 112 | 1), length: 64)

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

    static func hostAddresses(_ network: ResolvedNetwork) -> [(address: IPAddress, object: ObjectID)] {
        guard network.network.bridge.gatewayMode != .isolated else { return [] }
        let bridge = BridgeNames.bridge(network.network)
        return network.pools.compactMap { pool in
            pool.gateway.map { ($0, .address(IPPrefix($0, length: pool.prefix.length), on: bridge)) }
        }
    }

    static func options(_ network: Network) -> [JSONValue.Member] {
        [
            .init("icc", .bool(network.bridge.icc)), .init("gatewayMode", .string(network.bridge.gatewayMode.rawValue)),
        ]
    }

    static func networkObjects(_ network: ResolvedNetwork, _ context: DriverContext) -> [KernelObject] {
        let bridge = BridgeNames.bridge(network.network)
        let metadata = network.network.metadata
        let owner = network.network.id
        var fields = [
            Field(.type, "bridge"), Field(.mtu, .int(network.mtu)), Field(.up, true),
            // A bridge without a MAC of its own takes that of a port, and changes it when the port goes.
            Field(.mac, .string(bridgeMAC(network, context).description)),
            Field(.group, .int(Int(Mark.linkGroup))),
            Field(.alias, .string(Mark(set: context.set, resource: owner).alias)),
        ]
        fields.append(Field(.linkLocal, false))
        let link = KernelObject(
            .link(bridge), owner: owner, fields: fields,
            keys: [UniqueKey.mac(bridgeMAC(network, context).description, in: network.name)],
            source: metadata.position,
            fieldSources: [
                .mtu: metadata.position(of: "mtu"), .type: metadata.position(of: "driver"),
            ].compactMapValues { $0 })
        var objects = [link]
        if network.network.bridge.gatewayMode != .isolated {
            for (index, pool) in network.pools.enumerated() {
                guard let gateway = pool.gateway else { continue }
                objects.append(
                    KernelObject(
                        .address(IPPrefix(gateway, length: pool.prefix.length), on: bridge), owner: owner,
                        fields: [.mark], hangsOn: [link.id], keys: ["subnet \(pool.prefix)"],
                        source: metadata.position(of: "subnets[\(index)]")))
            }
            // Neighbours are asked for from this address. One of the kernel's own would be probed for duplicates first,
            // and hold all IPv6 up for two seconds.
            if network.pool(.ipv6) != nil {
                objects.append(
                    KernelObject(
                        .address(linkLocal, on: bridge), owner: owner, fields: [.mark], hangsOn: [link.id],
                        source: metadata.position))
            }
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
        let inside = KernelObject(
            .link(endpoint.interface, in: container), owner: owner,
            fields: [
                Field(.type, "veth"), Field(.mtu, .int(network.mtu)), Field(.up, true),
                Field(.mac, .string(mac)), Field(.peer, .string(hostEnd)),
                Field(.linkLocal, .bool(hasIPv6)),
            ] + mark, hangsOn: [.sandbox(container)],
            keys: ["link \(hostEnd)", UniqueKey.mac(mac, in: network.name)], source: source)
        let outside = KernelObject(
            .link(hostEnd), owner: owner,
            fields: [
                Field(.type, "veth"), Field(.mtu, .int(network.mtu)), Field(.up, true),
                Field(.mac, .string(outerMAC)), Field(.master, .string(bridge)), Field(.hairpin, true),
                Field(.isolated, .bool(isolatesPorts(network, context.facts))), Field(.linkLocal, false),
            ] + mark, hangsOn: [inside.id], after: [.link(bridge)], keys: [UniqueKey.mac(outerMAC, in: network.name)],
            source: source)
        var objects = [inside, outside]
        let addresses = endpoint.addresses.map { ObjectID.address($0, on: endpoint.interface, in: container) }
        for (address, id) in zip(endpoint.addresses, addresses) {
            objects.append(
                KernelObject(
                    id, owner: owner, fields: [.mark], hangsOn: [inside.id],
                    keys: ["address \(address.address) of \(network.name)"], source: source))
        }
        for family in endpoint.defaultRoutes {
            guard let gateway = network.gateway(family) else { continue }
            // With a link's last IPv4 address the kernel drops its routes (fib_disable_ip in net/ipv4/fib_frontend.c).
            let own = zip(endpoint.addresses, addresses).filter { $0.0.family == .ipv4 && family == .ipv4 }.map(\.1)
            objects.append(
                KernelObject(
                    .route(ObjectID.defaultRoute(family), on: endpoint.interface, in: container), owner: owner,
                    fields: [Field(.via, .string(gateway.description)), .mark],
                    hangsOn: [inside.id] + own, after: addresses, source: source))
        }
        return objects + BridgeFirewall.portElements(endpoint, network)
            + ForwardObjects.objects(endpoint, forwarded(endpoint, network), context.facts)
    }

    /// A routed network does not use the host's ports, but where one is asked for on ::1.
    private static func forwarded(_ endpoint: Endpoint, _ network: ResolvedNetwork) -> [PublishedPort] {
        network.network.bridge.gatewayMode == .routed ? endpoint.ports.filter(\.isLoopback6) : endpoint.ports
    }

    /// Bridged packets are kept apart by the firewall where they pass it, by the bridge itself where they do not.
    private static func isolatesPorts(_ network: ResolvedNetwork, _ facts: HostFacts) -> Bool {
        guard !network.network.bridge.icc else { return false }
        return network.pool(.ipv4) != nil && !facts.bridgedIPv4PassesFirewall
            || network.pool(.ipv6) != nil && !facts.bridgedIPv6PassesFirewall
    }

    private static func bridgeMAC(_ network: ResolvedNetwork, _ context: DriverContext) -> MACAddress {
        if let gateway = network.pools.first?.gateway { return MACAddress(derivedFrom: gateway) }
        return MACAddress(bits: 0x0244 << 32 | StableHash.of("\(context.set)/\(network.name)") & 0xffff_ffff)
    }
}
