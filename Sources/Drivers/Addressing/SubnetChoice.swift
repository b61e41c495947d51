import Model

/// Gives each network its subnets: those asked for, else those it is observed or remembered to have, else the first
/// pool that is clear of the host's routes and of every other network.
struct SubnetChoice {
    /// Docker's default pools: 172.17–172.31 as /16, then 192.168.0.0/16 as /20.
    static let pools: [IPPrefix] =
        (17...31).map { IPPrefix(IPAddress(v4: 172 << 24 | $0 << 16), length: 16) }
        + (0..<16).map { IPPrefix(IPAddress(v4: 192 << 24 | 168 << 16 | $0 << 12), length: 20) }

    private let facts: HostFacts
    private var taken: [IPPrefix]
    /// What networks are observed to have, and what those of the manifests are remembered to have had.
    private let known: Set<IPPrefix>
    private(set) var diagnostics: [Diagnostic] = []

    init(networks: [Network], facts: HostFacts) {
        self.facts = facts
        taken = networks.flatMap { $0.subnets.map(\.prefix) }
        let remembered = networks.lazy.filter(\.subnets.isEmpty).compactMap {
            facts.rememberedSubnets[$0.metadata.name]
        }
        known = Set(facts.subnets.values.joined()).union(remembered.joined())
    }

    mutating func resolve(_ network: Network) -> ResolvedNetwork {
        let driver = DriverRegistry.driver(named: network.driver) ?? BridgeDriver.self
        func gateway(_ prefix: IPPrefix) -> IPAddress? {
            driver.choosesGateway ? Self.defaultGateway(prefix) : nil
        }
        func pool(_ prefix: IPPrefix) -> ResolvedNetwork.Pool {
            ResolvedNetwork.Pool(prefix: prefix, gateway: gateway(prefix), range: prefix, reserved: [])
        }
        var pools: [ResolvedNetwork.Pool] = network.subnets.map { subnet in
            ResolvedNetwork.Pool(
                prefix: subnet.prefix, gateway: subnet.gateway ?? gateway(subnet.prefix),
                range: subnet.range ?? subnet.prefix, reserved: subnet.reserved)
        }
        if network.subnets.isEmpty, let prefix = chooseIPv4(network) { pools.append(pool(prefix)) }
        if network.ipv6, !pools.contains(where: { $0.prefix.family == .ipv6 }) {
            pools.append(pool(chooseIPv6(network)))
        }
        pools.sort { $0.prefix.family < $1.prefix.family }
        return ResolvedNetwork(network, driver, pools: pools, facts)
    }

    /// The first usable address; in a /31 or /127 (RFC 3021, RFC 6164) and a host prefix that is the first of all.
    private static func defaultGateway(_ prefix: IPPrefix) -> IPAddress {
        prefix.first.family.bitWidth - prefix.length < 2 ? prefix.first : prefix.first.advanced(by: 1)
    }

    private func isFree(_ prefix: IPPrefix) -> Bool { !taken.contains { $0.overlaps(prefix) } }

    private mutating func chooseIPv4(_ network: Network) -> IPPrefix? {
        let name = network.metadata.name
        let known = (facts.subnets[name] ?? []) + (facts.rememberedSubnets[name] ?? [])
        let kept = known.first { $0.family == .ipv4 && isFree($0) }
        let chosen =
            kept
            ?? Self.pools.first { pool in
                isFree(pool) && !facts.routes.contains { $0.overlaps(pool) && $0.length > 0 }
                    && !self.known.contains { $0.overlaps(pool) }
            }
        guard let chosen else {
            diagnostics.append(
                Diagnostic(
                    code: "no-free-subnet",
                    "no subnet is free for this network: all \(Self.pools.count) default pools overlap networks or "
                        + "routes of the host", hint: "choose one: subnets: [{ subnet: 10.x.y.0/24 }]",
                    resource: network.id, position: network.metadata.position))
            return nil
        }
        taken.append(chosen)
        return chosen
    }

    /// A unique local /64 (RFC 4193): its 40 bits of global id hash the network's name, so they outlast a reboot.
    private mutating func chooseIPv6(_ network: Network) -> IPPrefix {
        let name = network.metadata.name
        let known = (facts.subnets[name] ?? []) + (facts.rememberedSubnets[name] ?? [])
        var chosen = known.first { $0.family == .ipv6 && isFree($0) }
        var attempt = 0
        while chosen == nil {
            let id = UInt128(StableHash.of("\(name)/\(attempt)") & 0xff_ffff_ffff)
            let prefix = IPPrefix(IPAddress(family: .ipv6, bits: 0xfd << 120 | id << 80), length: 64)
            if isFree(prefix) { chosen = prefix }
            attempt += 1
        }
        let prefix = chosen ?? IPPrefix(IPAddress(family: .ipv6, bits: 0xfd << 120), length: 64)
        taken.append(prefix)
        return prefix
    }
}
