import Model

/// Gives each network its subnets: those asked for, else those it is observed or remembered to have, else the first of
/// the pools that is clear of the host's routes and of every other network.
struct SubnetChoice {
    let facts: HostFacts
    let overlaps: SubnetOverlaps
    private var taken: [IPPrefix]
    /// What networks are observed to have, and what those of the manifests are remembered to have had.
    private let known: Set<IPPrefix>
    var diagnostics: [Diagnostic] = []

    init(networks: [Network], facts: HostFacts) {
        self.facts = facts
        overlaps = SubnetOverlaps(facts)
        taken = networks.flatMap { $0.subnets.map(\.prefix) }
        let remembered = networks.lazy.filter(\.subnets.isEmpty).compactMap {
            facts.rememberedSubnets[$0.metadata.name]
        }
        known = Set(facts.subnets.values.joined()).union(remembered.joined())
    }

    mutating func resolve(_ network: Network) -> ResolvedNetwork {
        let driver = DriverRegistry.driver(named: network.driver) ?? BridgeDriver.self
        // An isolated network's bridge has no address: its first one is a container's, too.
        func gateway(_ prefix: IPPrefix) -> IPAddress? {
            driver.choosesGateway && network.bridge.gatewayMode[prefix.family] != .isolated ? prefix.firstHost : nil
        }
        func pool(_ prefix: IPPrefix) -> ResolvedNetwork.Pool {
            ResolvedNetwork.Pool(prefix: prefix, gateway: gateway(prefix), range: prefix, reserved: [])
        }
        var pools: [ResolvedNetwork.Pool] = network.subnets.map { subnet in
            ResolvedNetwork.Pool(
                prefix: subnet.prefix, gateway: subnet.gateway ?? gateway(subnet.prefix),
                range: subnet.range ?? subnet.prefix, reserved: subnet.reserved)
        }
        diagnostics += overlaps.find(network, driver)
        let isShared = driver.spansNodes
        if network.subnets.isEmpty, network.ipv4,
            let prefix = isShared ? chooseShared(.ipv4, network) : choose(.ipv4, network)
        {
            pools.append(pool(prefix))
        }
        if network.ipv6, !pools.contains(where: { $0.prefix.family == .ipv6 }),
            let prefix = isShared ? chooseShared(.ipv6, network) : choose(.ipv6, network)
        {
            pools.append(pool(prefix))
        }
        pools.sort { $0.prefix.family < $1.prefix.family }
        return ResolvedNetwork(network, driver, pools: pools, facts)
    }

    /// Clear of the host's routes and of every other network, those included that are only known of.
    func isClear(_ pool: IPPrefix) -> Bool {
        isFree(pool) && !facts.routes.contains { $0.destination.overlaps(pool) && $0.destination.length > 0 }
            && !known.contains { $0.overlaps(pool) } && overlaps.holder(of: pool) == nil
    }

    func isFree(_ prefix: IPPrefix) -> Bool { !taken.contains { $0.overlaps(prefix) } }

    mutating func take(_ prefix: IPPrefix) { taken.append(prefix) }

    mutating func choose(_ family: IPAddress.Family, _ network: Network) -> IPPrefix? {
        let name = network.metadata.name
        let kept = kept(family, name)
        guard let chosen = kept ?? chooseNew(family, name) else {
            diagnostics.append(exhausted(family, network))
            return nil
        }
        taken.append(chosen)
        return chosen
    }

    /// What a network has already; else what it had, unless another set has taken that since.
    func kept(_ family: IPAddress.Family, _ name: String) -> IPPrefix? {
        let remembered = (facts.rememberedSubnets[name] ?? []).filter { overlaps.holder(of: $0) == nil }
        return ((facts.subnets[name] ?? []) + remembered).first { $0.family == family && isFree($0) }
    }

    private func chooseNew(_ family: IPAddress.Family, _ name: String) -> IPPrefix? {
        let routes = facts.routes.map(\.destination).filter { $0.length > 0 }
        let ofSets = facts.subnetsOfOtherSets.map(\.prefix)
        let obstacles = (taken + routes + known + ofSets).filter { $0.family == family }
        let pools = facts.addressPools.filter { $0.base.family == family }
        guard pools.isEmpty, family == .ipv6 else {
            return pools.lazy.compactMap { $0.first(clearOf: obstacles) }.first
        }
        return uniqueLocal(name, clearOf: obstacles)
    }

    /// A unique local /64 (RFC 4193): its 40 bits of global id hash the network's name, so they outlast a reboot. Of 2^40
    /// one is soon found; the bound is for a host that routes all of them elsewhere.
    private func uniqueLocal(_ name: String, clearOf obstacles: [IPPrefix]) -> IPPrefix? {
        for attempt in 0..<1024 {
            let prefix = Self.uniqueLocal(name, attempt)
            if !obstacles.contains(where: { $0.overlaps(prefix) }) { return prefix }
        }
        return nil
    }

    static func uniqueLocal(_ name: String, _ attempt: Int) -> IPPrefix {
        let id = UInt128(StableHash.of("\(name)/\(attempt)") & 0xff_ffff_ffff)
        return IPPrefix(IPAddress(family: .ipv6, bits: 0xfd << 120 | id << 80), length: 64)
    }

    private func exhausted(_ family: IPAddress.Family, _ network: Network) -> Diagnostic {
        let pools = facts.addressPools.filter { $0.base.family == family }
        let example = family == .ipv4 ? "10.x.y.0/24" : "fd00:x:y::/64"
        let what =
            pools.isEmpty
            ? "the host routes all unique local addresses elsewhere"
            : "all \(pools.reduce(0 as UInt128) { $0 &+ min($1.count, 1 << 64) }) of the address pools overlap networks or "
                + "routes of the host"
        return Diagnostic(
            code: "no-free-subnet", "no \(family == .ipv4 ? "IPv4" : "IPv6") subnet is free for this network: \(what)",
            hint: "choose one: subnets: [{ subnet: \(example) }]; or give the host more pools: --address-pool",
            resource: network.id, position: network.metadata.position)
    }
}
