import Model

/// Settles every endpoint: its addresses, interface, hardware address, default routes and published ports.
struct EndpointPlan {
    let networks: [String: ResolvedNetwork]
    let facts: HostFacts
    private(set) var diagnostics: [Diagnostic] = []
    /// How each service's ports lead to its replicas.
    private(set) var balances: [ServiceBalance] = []

    init(networks: [String: ResolvedNetwork], facts: HostFacts) {
        self.networks = networks
        self.facts = facts
    }

    private struct Slot {
        let container: Int
        let attachment: Int
    }

    /// The endpoints of each container, by its name, beside services whose host ports nobody else gets.
    mutating func endpoints(of containers: [Container], _ services: [Service] = []) -> [String: [Endpoint]] {
        let addresses = chooseAddresses(containers)
        var ports = PortChoice(
            containers: services.isEmpty ? containers : containers + services.map(\.front), networks: networks,
            facts: facts)
        var result: [String: [Endpoint]] = [:]
        result.reserveCapacity(containers.count)
        // Borrowed where they lie: copying a container is not cheap.
        let span = containers.span
        for number in span.indices {
            result[span[number].metadata.name] = endpoints(of: span[number], addresses[number], &ports)
        }
        balances = services.map { ServiceBalance($0, result, networks, &ports, facts) }
        diagnostics += ports.diagnostics
        return result
    }

    private mutating func endpoints(
        of container: Container, _ addresses: [[IPPrefix]?], _ ports: inout PortChoice
    ) -> [Endpoint] {
        let interfaces = interfaceNames(container)
        let slots = addresses.indices.filter { addresses[$0] != nil }
        let prefixes = slots.compactMap { addresses[$0] }
        // The endpoint of each family that has the default route and publishes the ports.
        var leading: [(family: IPAddress.Family, slot: Int)] = []
        for family in IPAddress.Family.allCases {
            let able = slots.indices.filter { slot in
                prefixes[slot].contains { $0.family == family }
                    && network(container, slots[slot])?.leadsOut(family) == true
            }
            let winner = able.min {
                let (left, right) = (container.networks[slots[$0]], container.networks[slots[$1]])
                return left.gatewayPriority == right.gatewayPriority
                    ? left.network < right.network : left.gatewayPriority > right.gatewayPriority
            }
            if let winner { leading.append((family, winner)) }
        }
        let published = publish(container, slots, leading, &ports)
        return slots.indices.map { slot in
            let index = slots[slot]
            let attachment = container.networks[index]
            let own = prefixes[slot].map(\.address)
            return Endpoint(
                container: container, attachment: attachment, index: index, interface: interfaces[index],
                addresses: prefixes[slot], mac: attachment.mac ?? hardwareAddress(own, container, attachment),
                defaultRoutes: leading.compactMap { $0.slot == slot ? $0.family : nil },
                ports: published.filter { Self.slot(of: $0, leading) == slot })
        }
    }

    /// The ports of a container, published in the families that leave it over a network which translates; as Docker, none
    /// at all where it has no such family.
    private mutating func publish(
        _ container: Container, _ slots: [Int], _ leading: [(family: IPAddress.Family, slot: Int)],
        _ ports: inout PortChoice
    ) -> [PublishedPort] {
        func ways(_ leading: [(family: IPAddress.Family, slot: Int)]) -> [PortChoice.Way] {
            leading.map { PortChoice.Way(family: $0, options: network(container, slots[$1])?.network.bridge) }
        }
        guard !container.ports.isEmpty,
            let silent = slots.first(where: { driver(container, $0)?.publishesPorts == false })
        else { return ports.choose(container, leading: ways(leading)) }
        let publishing = leading.filter { driver(container, slots[$0.slot])?.publishesPorts == true }
        let families = publishing.map(\.family)
        if families.isEmpty || families.count < leading.count {
            let name = container.networks[silent].network
            let missing = leading.map(\.family).filter { !families.contains($0) }.map { $0 == .ipv4 ? "IPv4" : "IPv6" }
            let what = families.isEmpty ? "ports are" : "ports are, in \(missing.joined(separator: " and ")),"
            diagnostics.append(
                Diagnostic(
                    .warning, code: "ports-not-published",
                    "\(what) not published: the network \(name) has a driver that maps none",
                    hint:
                        "reach the container at its own address there; or attach it to a bridge network, too, with the "
                        + "higher gatewayPriority", resource: container.id,
                    position: container.metadata.position(of: "ports")))
        }
        return families.isEmpty ? [] : ports.choose(container, leading: ways(publishing))
    }

    /// Which endpoint a port leads to. The forwarder of ::1 reaches a container in either family.
    private static func slot(of port: PublishedPort, _ leading: [(family: IPAddress.Family, slot: Int)]) -> Int? {
        let own = leading.first { $0.family == port.family }
        return (own ?? (port.isLoopback6 ? leading.first { $0.family == .ipv4 } : nil))?.slot
    }

    private func network(_ container: Container, _ index: Int) -> ResolvedNetwork? {
        networks[container.networks[index].network]
    }

    private func driver(_ container: Container, _ index: Int) -> (any NetworkDriver.Type)? {
        network(container, index).flatMap { DriverRegistry.driver(named: $0.network.driver) }
    }

    private func hardwareAddress(
        _ addresses: [IPAddress], _ container: Container, _ attachment: Attachment
    ) -> MACAddress {
        if let first = addresses.first { return MACAddress(derivedFrom: first) }
        let hash = StableHash.of("\(container.metadata.name)/\(attachment.network)")
        return MACAddress(bits: 0x0244 << 32 | hash & 0xffff_ffff)
    }

    /// The addresses of every attachment, by container and position, each with its subnet's length; `nil` on a network
    /// that has none.
    private mutating func chooseAddresses(_ containers: [Container]) -> [[[IPPrefix]?]] {
        var slots: [String: [Slot]] = [:]
        for number in containers.indices {
            for (index, attachment) in containers[number].networks.enumerated() {
                guard let network = networks[attachment.network],
                    DriverRegistry.driver(named: network.network.driver)?.hasAddresses == true
                else { continue }
                slots[attachment.network, default: []].append(Slot(container: number, attachment: index))
            }
        }
        var result = containers.indices.map {
            [[IPPrefix]?](repeating: nil, count: containers[$0].networks.count)
        }
        for (name, members) in slots.sorted(by: { $0.key < $1.key }) {
            for slot in members { result[slot.container][slot.attachment] = [] }
            for pool in networks[name]?.pools ?? [] {
                let family = pool.prefix.family
                let claims = ClaimedAddresses(network: name, driver(named: name), facts)
                var choice = AddressChoice(
                    pool: pool,
                    strangers: claims.isShared
                        ? [:] : (facts.strangers[name] ?? [:]).filter { $0.key.family == family },
                    hosts: hosts(on: name, pool.prefix),
                    taken: claims.ofOthers(family))
                let requests = members.map { request(containers[$0.container], $0.attachment, family, claims) }
                let chosen = choice.choose(requests) { others(on: name, family, containers, members) }
                for (slot, address) in zip(members, chosen) {
                    guard let address else { continue }
                    diagnostics += claims.check(address, containers[slot.container], slot.attachment)
                    result[slot.container][slot.attachment]?.append(IPPrefix(address, length: pool.prefix.length))
                }
                diagnostics += choice.diagnostics
            }
        }
        return result
    }

    /// The host's own addresses on the segment that a network shares with it. On a bridge it has the gateway's alone.
    private func hosts(on name: String, _ prefix: IPPrefix) -> [IPAddress: String] {
        guard let network = networks[name]?.network, let driver = driver(named: name),
            !driver.parents(network).isEmpty
        else { return [:] }
        let own = facts.ownAddresses.lazy.filter { prefix.contains($0.address) }.map { ($0.address, $0.link) }
        return Dictionary(own, uniquingKeysWith: min)
    }

    private func driver(named network: String) -> (any NetworkDriver.Type)? {
        networks[network].flatMap { DriverRegistry.driver(named: $0.network.driver) }
    }

    /// The addresses on a network of containers that are there and that nothing is derived for now.
    private func others(
        on network: String, _ family: IPAddress.Family, _ containers: [Container], _ members: [Slot]
    ) -> Set<UInt128> {
        let names = Set(members.map { containers[$0.container].metadata.name })
        var addresses: Set<UInt128> = []
        for (key, endpoint) in facts.endpoints where key.network == network && !names.contains(key.container) {
            if let address = family == .ipv4 ? endpoint.ipv4 : endpoint.ipv6 { addresses.insert(address.bits) }
        }
        return addresses
    }

    private func request(
        _ container: Container, _ index: Int, _ family: IPAddress.Family, _ claims: ClaimedAddresses
    ) -> AddressChoice.Request {
        let attachment = container.networks[index]
        let key = EndpointKey(container: container.metadata.name, network: attachment.network)
        let path: KeyPath<EndpointFacts, IPAddress?> = family == .ipv4 ? \.ipv4 : \.ipv6
        return AddressChoice.Request(
            metadata: container.metadata, network: attachment.network, index: index,
            asked: family == .ipv4 ? attachment.ipv4 : attachment.ipv6,
            claimed: claims.address(of: container.metadata.name, family),
            observed: facts.endpoints[key]?[keyPath: path], remembered: facts.remembered[key]?[keyPath: path])
    }

    /// Names asked for, then names of our own choice that are observed, then the lowest free `ethN`.
    private func interfaceNames(_ container: Container) -> [String] {
        // A container has a few networks: looking through a list is quicker than hashing.
        var names = container.networks.map(\.interface)
        var used = names.compactMap { $0 }
        for (index, attachment) in container.networks.enumerated() where names[index] == nil {
            let key = EndpointKey(container: container.metadata.name, network: attachment.network)
            guard let seen = facts.endpoints[key]?.interface, Self.isChosen(seen), !used.contains(seen) else {
                continue
            }
            used.append(seen)
            names[index] = seen
        }
        var next = 0
        return names.map { name in
            if let name { return name }
            while used.contains("eth\(next)") { next += 1 }
            used.append("eth\(next)")
            return "eth\(next)"
        }
    }

    /// Whether a name is one that we give: any other was asked for earlier, or given by somebody else.
    private static func isChosen(_ name: String) -> Bool {
        name.hasPrefix("eth") && UInt16(name.dropFirst(3)).map { "eth\($0)" } == name
    }
}
