import Model

/// What a bridge network and its endpoints put into the sets and maps of the firewall.
enum BridgeFirewall {
    static func networkElements(_ network: ResolvedNetwork, bridge: String) -> [KernelObject] {
        let options = network.network.bridge
        let metadata = network.network.metadata
        var elements: [KernelObject] = []
        func add(_ set: String, _ key: [String], target: String? = nil, _ path: String = "bridge") {
            elements.append(
                FirewallTable.element(
                    set, key, target: target, owner: network.network.id, source: metadata.position(of: path)))
        }
        add("bridges", [bridge])
        add("same", [bridge, bridge], target: options.icc ? "accept" : "goto icc", "bridge.icc")
        if network.network.internal { add("closed", [bridge], "internal") }
        for (index, link) in options.trustedInterfaces.enumerated() {
            add("trusted", [link, bridge], "bridge.trustedInterfaces[\(index)]")
        }
        for pool in network.pools {
            let family = pool.prefix.family
            add(family == .ipv4 ? "subnets4" : "subnets6", [bridge, pool.prefix.description], "subnets")
            guard network.gateway(family) != nil else { continue }
            let key = [family == .ipv4 ? "ipv4" : "ipv6", bridge]
            let mode = options.gatewayMode[family]
            let path = "bridge.gatewayMode"
            let source = metadata.fieldPositions["\(path).\(key[0])"] == nil ? path : "\(path).\(key[0])"
            switch mode {
            case .nat: add("outbound", key, source)
            case .natUnprotected:
                add("outbound", key, source)
                add("unprotected", key, source)
            case .routed: add("routed", key, source)
            case .isolated: break
            }
            if mode == .nat || mode == .natUnprotected, let address = options.snat[family] {
                add(
                    family == .ipv4 ? "snat4" : "snat6", [bridge], target: address.description,
                    "bridge.snat.\(key[0])")
            }
        }
        return elements
    }

    static func portElements(_ endpoint: Endpoint, _ network: ResolvedNetwork) -> [KernelObject] {
        guard !endpoint.ports.isEmpty else { return [] }
        let owner = endpoint.container.id
        let source = endpoint.container.metadata.position(of: "ports")
        // The kernel cannot translate ::1: the forwarder serves it.
        return endpoint.ports.filter { !$0.isLoopback6 }.compactMap { port in
            guard let address = endpoint.address(port.family) else { return nil }
            if network.network.bridge.gatewayMode[port.family] == .routed {
                let key = [address.description, port.transport.rawValue, String(port.container)]
                return FirewallTable.element(
                    port.family == .ipv4 ? "open4" : "open6", key, owner: owner, source: source)
            }
            let element = FirewallElement(
                port: port.host, port.transport, family: port.family, address: port.address)
            let shown = port.family == .ipv4 ? address.description : "[\(address)]"
            return FirewallTable.element(
                element.set, element.key, target: "\(shown):\(port.container)", owner: owner, source: source)
        }
    }
}
