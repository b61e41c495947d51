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
            let gateway =
                addresses.first { $0.length == prefix.length && prefix.contains($0.address) }?.address
                ?? hiddenGateway(link, prefix)
            return Subnet(prefix: prefix, gateway: gateway == prefix.first.advanced(by: 1) ? nil : gateway)
        }
        network.internal = has("closed")
        if let mtu = link.int(.mtu), mtu != facts.defaultMTU { network.mtu = mtu }
        if bridge != BridgeNames.bridge(network) { network.bridge.name = bridge }
        network.bridge.icc = !elements.contains {
            $0.1.set == "same" && $0.0.string(.target)?.hasPrefix("goto") == true
        }
        let hasGateway = prefixes.contains { prefix in addresses.contains { prefix.contains($0.address) } }
        network.bridge.gatewayMode =
            has("routed")
            ? .routed : has("unprotected") ? .natUnprotected : !hasGateway && has("closed") ? .isolated : .nat
        return network
    }

    /// An isolated network's gateway is on no link, but the bridge has its hardware address from it.
    private static func hiddenGateway(_ link: KernelObject, _ prefix: IPPrefix) -> IPAddress? {
        guard prefix.family == .ipv4, let mac = link.string(.mac).flatMap({ MACAddress($0) }) else { return nil }
        let address = IPAddress(v4: UInt32(truncatingIfNeeded: mac.bits))
        return prefix.contains(address) && MACAddress(derivedFrom: address) == mac ? address : nil
    }
}
