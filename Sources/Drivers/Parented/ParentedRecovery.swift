import Model

/// A macvlan or ipvlan network from what its containers' links show.
struct ParentedRecovery {
    let parent: String?
    let mode: String?
    /// The network, without the options of its driver.
    let network: Network

    /// `nil` where the objects are of another driver's network.
    init?(_ name: String, kind: String, prefix: String, _ objects: [KernelObject], _ facts: HostFacts) {
        let links = objects.filter { $0.id.kind == .link && !$0.id.sandbox.isEmpty && $0.string(.type) == kind }
        let standIn = objects.contains {
            $0.id == .link(ParentLink.standInName(name, prefix))
                && $0.string(.alias).flatMap { Mark(alias: $0) }?.role == Mark.standIn
        }
        guard !links.isEmpty || standIn else { return nil }
        let first = links.min { $0.id < $1.id }
        parent = standIn ? nil : first?.string(.parent)
        mode = first?.string(.mode)
        var network = Network(metadata: Metadata(name: name), driver: kind)
        let ids = Set(links.map(\.id))
        func isOfLinks(_ object: KernelObject) -> Bool { ids.contains(.link(object.id.link, in: object.id.sandbox)) }
        let prefixes = Set(
            objects.filter { $0.id.kind == .address && isOfLinks($0) && $0.int(.protocol) == Int(Mark.protocol) }
                .compactMap { IPPrefix($0.id.name)?.network })
        let gateways = objects.filter { $0.id.kind == .route && isOfLinks($0) }.compactMap {
            $0.string(.via).flatMap { IPAddress($0) }
        }
        network.subnets = prefixes.sorted { $0.family < $1.family }.map { prefix in
            Subnet(prefix: prefix, gateway: gateways.filter { prefix.contains($0) }.min { $0.bits < $1.bits })
        }
        let usual = parent.map { ParentLink.of(network, named: $0, prefix: prefix, facts).mtu(facts) } ?? nil
        if let mtu = first?.int(.mtu), mtu != usual ?? facts.defaultMTU { network.mtu = mtu }
        self.network = network
    }

    /// Whether the default route of any container leads over a link of this network.
    static func hasDefaultRoute(_ kind: String, _ objects: [KernelObject]) -> Bool {
        let links = Set(objects.filter { $0.id.kind == .link && $0.string(.type) == kind }.map(\.id))
        return objects.contains {
            $0.id.kind == .route && links.contains(.link($0.id.link, in: $0.id.sandbox))
                && [ObjectID.defaultRoute(.ipv4), ObjectID.defaultRoute(.ipv6)].contains($0.id.name)
        }
    }
}
