import Model

/// An address that a container asks for is one that its network can give.
enum AddressRule {
    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        for container in index.workloads {
            for (place, attachment) in container.networks.enumerated() {
                if let address = attachment.ipv4 {
                    check(address, attachment.network, container, "networks[\(place)].ipv4", index, &findings)
                }
                if let address = attachment.ipv6 {
                    check(address, attachment.network, container, "networks[\(place)].ipv6", index, &findings)
                }
            }
        }
    }

    private static func check(
        _ address: IPAddress, _ name: String, _ container: Container, _ field: String, _ index: ResourceIndex,
        _ findings: inout Findings
    ) {
        guard let network = index.network[name] else {
            // A network that is missing or wrong is reported as that.
            guard name == Predefined.bridge, !index.declaredNetworks.contains(name) else { return }
            findings.report(
                "address-without-subnet", "an address cannot be chosen on the predefined network bridge",
                hint: "add a Network named bridge with subnets, or one of your own", container, at: field)
            return
        }
        let subnets = network.subnets.filter { $0.prefix.family == address.family }
        guard let subnet = subnets.first(where: { $0.prefix.contains(address) }) else {
            let family = address.family == .ipv4 ? "IPv4" : "IPv6"
            if subnets.isEmpty {
                findings.report(
                    "address-without-subnet",
                    "the network \(name) states no \(family) subnet to choose \(address) from",
                    hint: "add one to the network's subnets", container, at: field)
            } else {
                findings.report(
                    "outside-subnet", "\(address) is not in the network \(name)",
                    hint: "its \(family) subnet is \(subnets.map(\.prefix.description).joined(separator: ", "))",
                    container,
                    at: field)
            }
            return
        }
        if let special = SubnetFacts.reservedName(address, in: subnet.prefix) {
            findings.report(
                "address-reserved", "\(address) is the \(special) address of \(subnet.prefix)", hint: "choose another",
                container, at: field)
        } else if address == SubnetFacts.gateway(subnet, of: network) {
            findings.report(
                "address-reserved", "\(address) is the gateway of the network \(name)", hint: "choose another",
                container,
                at: field)
        } else if subnet.reserved.contains(address) {
            findings.report(
                "address-reserved", "\(address) is reserved in the network \(name)",
                hint: "choose another, or take it out of the network's reserved addresses", container, at: field)
        }
    }
}

/// On one network no two containers have the same address or MAC address.
enum EndpointRule {
    private struct Key: Hashable {
        let network: String
        let address: IPAddress?
        let mac: MACAddress?
    }

    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        var claims: [Key: [(container: Int, field: String)]] = [:]
        for (number, container) in index.workloads.enumerated()
        where index.isPlaced(container) {
            for (place, attachment) in container.networks.enumerated() {
                let path = "networks[\(place)]"
                let wanted = [
                    (attachment.ipv4, nil, "ipv4"), (attachment.ipv6, nil, "ipv6"), (nil, attachment.mac, "mac"),
                ]
                for (address, mac, name) in wanted where address != nil || mac != nil {
                    let key = Key(network: attachment.network, address: address, mac: mac)
                    let field = "\(path).\(name)"
                    let other = claims[key]?.first {
                        NodeSelectors.meet(index.workloads[$0.container].nodeSelector, container.nodeSelector)
                    }
                    claims[key, default: []].append((number, field))
                    guard let other else { continue }
                    let holder = index.workloads[other.container]
                    let text = address.map(\.description) ?? mac.map(\.description) ?? ""
                    let place = holder.metadata.position(of: other.field).map { " at \($0)" } ?? ""
                    findings.report(
                        "duplicate-address", "\(text) is asked for twice on the network \(attachment.network)",
                        hint: "\(holder.id.described) has it\(place)", container, at: field)
                }
            }
        }
    }
}
