import Model

extension BridgeDriver {
    /// A network from its bridge, the bridge's addresses, and its elements of the firewall.
    static func recover(_ name: String, _ objects: [KernelObject], _ facts: HostFacts) -> Network? {
        let links = objects.filter { $0.id.kind == .link && $0.id.sandbox.isEmpty && $0.string(.type) == "bridge" }
        guard let link = links.first(where: { $0.string(.alias).flatMap { Mark(alias: $0) }?.role == nil }) else {
            return nil
        }
        let bridge = link.id.name
        let elements = objects.filter { $0.id.kind == .firewall }.compactMap { object in
            FirewallElement(name: object.id.name).map { (object, $0) }
        }
        func has(_ set: String) -> Bool { elements.contains { $0.1.set == set && $0.1.key.contains(bridge) } }
        var network = Network(metadata: Metadata(name: name), driver: Self.name)
        let addresses = objects.filter { $0.id.kind == .address && $0.id.sandbox.isEmpty && $0.id.link == bridge }
            .compactMap {
                IPPrefix($0.id.name)
            }
        let prefixes = elements.filter { ["subnets4", "subnets6"].contains($0.1.set) && $0.1.key.first == bridge }
            .compactMap { $0.1.key.last.flatMap { IPPrefix($0) } }
        network.subnets = prefixes.sorted { $0.family < $1.family }.map { prefix in
            let seen = addresses.first { $0.length == prefix.length && prefix.contains($0.address) }?.address
            let chosen = seen == prefix.firstHost ? nil : seen
            return Subnet(prefix: prefix, gateway: seen == nil ? hiddenGateway(link, prefix) : chosen)
        }
        network.internal = has("closed")
        if let mtu = link.int(.mtu), mtu != facts.defaultMTU { network.mtu = mtu }
        if bridge != BridgeNames.bridge(network) { network.bridge.name = bridge }
        network.bridge.icc = !elements.contains {
            $0.1.set == "same" && $0.0.string(.target)?.hasPrefix("goto") == true
        }
        network.bridge.trustedInterfaces = elements.filter { $0.1.set == "trusted" && $0.1.key.last == bridge }
            .compactMap(\.1.key.first).sorted()
        for (family, set) in [(IPAddress.Family.ipv4, "snat4"), (.ipv6, "snat6")] {
            let element = elements.first { $0.1.set == set && $0.1.key.first == bridge }
            network.bridge.snat[family] = element?.0.string(.target).flatMap { IPAddress($0) }
        }
        network.bridge.gatewayMode = modes(prefixes) { family in
            let key = [family == .ipv4 ? "ipv4" : "ipv6", bridge]
            func has(_ set: String) -> Bool { elements.contains { $0.1.set == set && $0.1.key == key } }
            let hasGateway = prefixes.contains { prefix in
                prefix.family == family && addresses.contains { prefix.contains($0.address) }
            }
            if has("routed") { return .routed }
            return has("unprotected") ? .natUnprotected : !hasGateway && network.internal ? .isolated : .nat
        }
        return network
    }

    /// The modes of the families that a network has; of one that it has not nothing is known, and any will do.
    private static func modes(
        _ prefixes: [IPPrefix], _ mode: (IPAddress.Family) -> GatewayMode
    ) -> PerFamily<GatewayMode> {
        let known = IPAddress.Family.allCases.filter { family in prefixes.contains { $0.family == family } }
        guard let first = known.first, let last = known.last else { return PerFamily(.nat) }
        return PerFamily(ipv4: mode(first), ipv6: mode(last))
    }

    /// A gateway that was asked for of an isolated network is on no link, but the bridge has its hardware address from it.
    private static func hiddenGateway(_ link: KernelObject, _ prefix: IPPrefix) -> IPAddress? {
        guard prefix.family == .ipv4, let mac = link.string(.mac).flatMap({ MACAddress($0) }) else { return nil }
        let address = IPAddress(v4: UInt32(truncatingIfNeeded: mac.bits))
        return prefix.contains(address) && MACAddress(derivedFrom: address) == mac ? address : nil
    }
}
