import Model

/// What must hold within one network.
enum NetworkRules {
    static func check(_ network: Network) -> [Diagnostic] {
        var findings = Findings()
        checkName(network, &findings)
        checkSubnets(network, &findings)
        let hasIPv6 = network.ipv6 || network.subnets.contains { $0.prefix.family == .ipv6 }
        checkFamilies(network, hasIPv6, &findings)
        if let mtu = network.mtu, hasIPv6, mtu < 1280 {
            findings.report(
                "mtu-too-small", "mtu \(mtu) is too small for IPv6",
                hint: "IPv6 needs 1280 (RFC 8200); the kernel drops it below",
                network, at: "mtu")
        }
        checkOptions(network, &findings)
        if network.overlay.encrypted {
            findings.report(
                "not-supported",
                "encrypted: true is not supported by this version: what passes between nodes can be read",
                hint: "carry the tunnels over an encrypted network of the nodes, such as WireGuard, and remove it",
                network, at: "overlay.encrypted")
        }
        for (family, field) in [(IPAddress.Family.ipv4, "ipv4"), (.ipv6, "ipv6")]
        where network.bridge.gatewayMode[family] == .isolated && !network.internal {
            let isOne = network.bridge.gatewayMode.common != nil
            if isOne, family == .ipv6 { continue }
            findings.report(
                "isolated-not-internal", "gatewayMode isolated is for internal networks", hint: "add internal: true",
                network, at: isOne ? "bridge.gatewayMode" : "bridge.gatewayMode.\(field)")
        }
        checkBridge(network, &findings)
        return findings.diagnostics
    }

    /// Who turns IPv4 off has to have IPv6, and no subnet of the other.
    private static func checkFamilies(_ network: Network, _ hasIPv6: Bool, _ findings: inout Findings) {
        guard !network.ipv4 else { return }
        if let index = network.subnets.firstIndex(where: { $0.prefix.family == .ipv4 }) {
            findings.report(
                "subnet-without-family",
                "\(network.subnets[index].prefix) is an IPv4 subnet, and the network has ipv4: false",
                hint: "remove the subnet, or ipv4: false", network, at: "subnets[\(index)].subnet")
        } else if !hasIPv6 {
            findings.report(
                "no-family", "with ipv4: false and no IPv6 the network has no addresses", hint: "add ipv6: true",
                network, at: "ipv4")
        }
    }

    private static func checkBridge(_ network: Network, _ findings: inout Findings) {
        let options = network.bridge
        let own = options.name ?? "br-\(network.metadata.name)"
        for (index, name) in options.trustedInterfaces.enumerated() {
            let path = "bridge.trustedInterfaces[\(index)]"
            if name == own {
                findings.report(
                    "trusts-itself", "\(name) is the network's own bridge", hint: "name a link that leads elsewhere",
                    network, at: path)
            } else if options.trustedInterfaces.firstIndex(of: name) != index {
                findings.report("named-twice", "\(name) is named twice", hint: "remove one", network, at: path)
            }
        }
        if let address = options.hostBinding, address.isMulticast {
            findings.report(
                "invalid-value", "\(address) is a multicast address, which no host has", network,
                at: "bridge.hostBinding")
        }
    }

    private static func checkName(_ network: Network, _ findings: inout Findings) {
        let name = network.metadata.name
        guard name == Predefined.host || name == Predefined.none else { return }
        findings.report(
            "predefined-network", "the network \(name) is predefined and cannot be described",
            hint: "choose another name",
            network, at: "metadata.name")
    }

    /// Options are those of the network's own driver.
    private static func checkOptions(_ network: Network, _ findings: inout Findings) {
        for driver in DriverSchema.supported where driver != network.driver {
            guard network.metadata.fieldPositions[driver] != nil else { continue }
            findings.report(
                "options-of-another-driver",
                "the options \(driver) are for the driver \(driver), this one is "
                    + network.driver, hint: "write driver: \(driver), or remove them", network, at: driver)
        }
    }

    private static func checkSubnets(_ network: Network, _ findings: inout Findings) {
        var first: [IPAddress.Family: Int] = [:]
        for (index, subnet) in network.subnets.enumerated() {
            let path = "subnets[\(index)]"
            if let other = first[subnet.prefix.family] {
                findings.report(
                    "second-subnet", "\(subnet.prefix) is a second \(family(subnet.prefix.family)) subnet",
                    hint:
                        "a network has at most one subnet a family; the first is \(network.subnets[other].prefix)",
                    network, at: "\(path).subnet")
            } else {
                first[subnet.prefix.family] = index
            }
            check(subnet, path, network, &findings)
        }
    }

    private static func check(_ subnet: Subnet, _ path: String, _ network: Network, _ findings: inout Findings) {
        let prefix = subnet.prefix
        if prefix.length == prefix.family.bitWidth {
            let other = SubnetFacts.hasGateway(network) ? "the gateway's" : "a neighbour's"
            findings.report(
                "subnet-too-small",
                "\(prefix) is one address, and a network needs two: \(other) and a container's",
                hint: "the longest prefix is /\(prefix.length - 1), a link between two", network, at: "\(path).subnet")
        }
        if let special = prefix.specialUse {
            findings.report(
                "subnet-not-usable", "\(prefix) holds \(special) addresses, which no network can have",
                hint: "take one from 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918) or fd00::/8 (RFC 4193)",
                network, at: "\(path).subnet")
        }
        if let gateway = subnet.gateway {
            if !prefix.contains(gateway) {
                outside("gateway \(gateway)", prefix, network, "\(path).gateway", &findings)
            } else if let name = SubnetFacts.reservedName(gateway, in: prefix) {
                findings.report(
                    "address-reserved", "\(gateway) is the \(name) address of \(prefix)",
                    hint: "the first address of a host is \(prefix.firstHost)", network,
                    at: "\(path).gateway")
            }
        }
        if let range = subnet.range, !prefix.contains(range) {
            outside("range \(range)", prefix, network, "\(path).range", &findings)
        }
        for (index, address) in subnet.reserved.enumerated() where !prefix.contains(address) {
            outside("reserved address \(address)", prefix, network, "\(path).reserved[\(index)]", &findings)
        }
    }

    private static func outside(
        _ what: String, _ prefix: IPPrefix, _ network: Network, _ field: String, _ findings: inout Findings
    ) {
        findings.report(
            "outside-subnet", "\(what) is not in \(prefix)",
            hint: "the subnet goes from \(prefix.first) to \(prefix.last)", network, at: field)
    }

    private static func family(_ family: IPAddress.Family) -> String { family == .ipv4 ? "IPv4" : "IPv6" }
}

/// What a subnet's addresses are for.
enum SubnetFacts {
    /// "network" or "broadcast" for the addresses of an IPv4 subnet that no host has, "subnet-router anycast" (RFC 4291)
    /// for the first of an IPv6 one. Between two, both addresses are hosts' (RFC 3021, RFC 6164).
    static func reservedName(_ address: IPAddress, in prefix: IPPrefix) -> String? {
        guard prefix.unassignable.contains(address) else { return nil }
        if address == prefix.first { return prefix.family == .ipv4 ? "network" : "subnet-router anycast" }
        return prefix.family == .ipv4 && address == prefix.last ? "broadcast" : nil
    }

    /// Whether the host has an address on the network, at its bridge.
    static func hasGateway(_ network: Network) -> Bool { [Predefined.bridge, "overlay"].contains(network.driver) }

    /// The gateway, asked for or the first address; `nil` where the bridge has no address.
    static func gateway(_ subnet: Subnet, of network: Network) -> IPAddress? {
        if let gateway = subnet.gateway { return gateway }
        guard hasGateway(network) else { return nil }
        return network.bridge.gatewayMode[subnet.prefix.family] == .isolated ? nil : subnet.prefix.firstHost
    }
}
