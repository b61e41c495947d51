import Model

/// Which networks' names are served, at which addresses, and where containers' other questions go. Pure, like all that
/// is derived.
///
/// Names are served where the host has an address on the network: aardvark-dns listens there. It knows a container by
/// its address and tells it the names of all networks that it is on, whichever of them it asks.
struct NamePlan: Sendable {
    private let set: String
    private let facts: NameFacts
    private let networks: [String: ResolvedNetwork]
    /// The endpoints on other nodes, by network.
    private let remote: [String: [FleetFacts.RemoteEndpoint]]
    /// The addresses at which a network's names are served, with their objects.
    private(set) var served: [String: [(address: IPAddress, object: ObjectID)]] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    init(
        _ networks: [Network], _ resolved: [String: ResolvedNetwork], endpoints: [String: [Endpoint]],
        facts: NameFacts, set: String, remote: [String: [FleetFacts.RemoteEndpoint]] = [:]
    ) {
        self.set = set
        self.remote = remote
        self.facts = facts
        self.networks = resolved
        for network in networks {
            guard let resolved = resolved[network.metadata.name],
                endpoints[resolved.name]?.contains(where: { !$0.addresses.isEmpty }) == true
            else { continue }
            let addresses = DriverRegistry.driver(named: network.driver)?.hostAddresses(resolved) ?? []
            let free = addresses.filter { isFree($0.address, network) }
            if !free.isEmpty { served[resolved.name] = free }
        }
        if !facts.isAvailable, !served.isEmpty {
            served = [:]
            // What keeps all names from being served says more than what keeps one.
            diagnostics = [
                Diagnostic(
                    .warning, code: "names-not-served",
                    "containers do not find each other by name: aardvark-dns is not installed",
                    hint: "apt install aardvark-dns", resource: Self.owner)
            ]
        }
    }

    private mutating func isFree(_ address: IPAddress, _ network: Network) -> Bool {
        guard let holder = facts.holder(of: address) else { return true }
        diagnostics.append(
            Diagnostic(
                .warning, code: "names-not-served",
                "names are not served at \(address): UDP port 53 there is held by \(holder.holder)",
                hint: "let it listen on addresses of its own, or stop it: ss -lunp 'sport = :53' shows it",
                resource: network.id, position: network.metadata.position))
        return false
    }

    /// A network's own server first in the family that comes first: one line a network is enough, since all know the
    /// same.
    func servers(of endpoints: [Endpoint]) -> [IPAddress] {
        endpoints.compactMap { endpoint in
            served[endpoint.attachment.network]?.first { endpoint.address($0.address.family) != nil }?.address
        }
    }

    /// Whether none of a container's networks leads out of the host.
    func isInside(_ endpoints: [Endpoint]) -> Bool {
        endpoints.allSatisfy { networks[$0.attachment.network].map(isClosed) ?? true }
    }

    private func isClosed(_ network: ResolvedNetwork) -> Bool {
        IPAddress.Family.allCases.allSatisfy { !network.leadsOut($0) }
    }

    /// Whom a container's questions are handed on to that are for no name of ours; empty: the host's servers. The server
    /// asks from the host's namespace, so for a container without a way out only what is on its own networks counts.
    func upstream(_ container: Container, _ endpoints: [Endpoint]) -> [IPAddress] {
        let own = container.dns.servers.filter { !$0.isLoopback }
        guard isInside(endpoints) else { return own.isEmpty && !facts.hasUpstream ? [nowhere] : own }
        let pools = endpoints.flatMap { networks[$0.attachment.network]?.pools ?? [] }
        let near = own.filter { server in pools.contains { $0.prefix.contains(server) } }
        return near.isEmpty ? [nowhere] : near
    }

    private var nowhere: IPAddress { NameServer.nowhereAddress(set) }

    // MARK: - Objects

    /// What serves the names of all networks, and what keeps each network's to itself.
    func objects() -> [KernelObject] {
        guard !served.isEmpty else { return [] }
        var objects = [
            KernelObject(
                NameServer.names.id, owner: Self.owner,
                fields: [
                    Field(.state, "running"), Field(.configuration, "loaded"), Field(.upstream, .list(facts.upstream)),
                ])
        ]
        for (network, addresses) in served.sorted(by: { $0.key < $1.key }) {
            guard let metadata = networks[network]?.network.metadata else { continue }
            objects.append(
                KernelObject(
                    .dns(network), owner: .network(network),
                    fields: [
                        Field(.target, .string(NameZone.target(addresses.map(\.address)))), Field(.listening, true),
                    ], hangsOn: [NameServer.names.id], after: addresses.map(\.object), source: metadata.position))
            objects += addresses.map { guarded($0.address, .network(network), metadata.position) }
            objects += elsewhere(remote[network] ?? [], on: network)
        }
        return objects
    }

    /// The names of a container.
    func names(_ container: Container, _ endpoints: [Endpoint]) -> [KernelObject] {
        guard !served.isEmpty else { return [] }
        let upstream = upstream(container, endpoints)
        return endpoints.compactMap { name($0, upstream) }
    }

    /// What answers those that may not ask outside, where there are any.
    func nowhereObjects(_ endpoints: [String: [Endpoint]]) -> [KernelObject] {
        guard !served.isEmpty, !facts.hasUpstream || networks.values.contains(where: isClosed) else { return [] }
        let isNeeded = endpoints.values.contains { own in
            guard own.contains(where: { served[$0.attachment.network] != nil }), let container = own.first?.container
            else { return false }
            return upstream(container, own) == [nowhere]
        }
        guard isNeeded else { return [] }
        return [
            KernelObject(
                NameServer.nowhere.id, owner: Self.owner,
                fields: [Field(.state, "running"), Field(.configuration, "loaded"), Field(.listening, true)]),
            guarded(nowhere, Self.owner, nil),
        ]
    }

    private static let owner = ResourceID.host("dns")

    private func name(_ endpoint: Endpoint, _ upstream: [IPAddress]) -> KernelObject? {
        let network = endpoint.attachment.network
        let container = endpoint.container.metadata.name
        guard served[network] != nil, !endpoint.addresses.isEmpty else { return nil }
        let aliases = NameZone.aliases(endpoint.attachment.aliases, of: container)
        let entry = NameZone.Entry(
            addresses: endpoint.addresses.map(\.address), aliases: aliases, servers: upstream)
        let metadata = endpoint.container.metadata
        let source = metadata.position(of: "networks[\(endpoint.index)]")
        return KernelObject(
            .name(container, on: network), owner: endpoint.container.id, fields: NameZone.fields(entry),
            hangsOn: [.dns(network)], source: source,
            fieldSources: [
                .aliases: metadata.position(of: "networks[\(endpoint.index)].aliases"),
                .servers: metadata.position(of: "dns.servers"),
            ].compactMapValues { $0 })
    }

    /// The names of containers on other nodes.
    func elsewhere(_ endpoints: [FleetFacts.RemoteEndpoint], on network: String) -> [KernelObject] {
        guard served[network] != nil, let metadata = networks[network]?.network.metadata else { return [] }
        return endpoints.compactMap { elsewhere($0, network, metadata.position) }
    }

    /// The name of a container on another node.
    private func elsewhere(
        _ endpoint: FleetFacts.RemoteEndpoint, _ network: String, _ source: SourcePosition?
    ) -> KernelObject? {
        guard let container = endpoint.container else { return nil }
        let aliases = NameZone.aliases(endpoint.names, of: container)
        let entry = NameZone.Entry(addresses: endpoint.addresses, aliases: aliases, servers: [])
        return KernelObject(
            .name(container, on: network), owner: .network(network), fields: NameZone.fields(entry),
            hangsOn: [.dns(network)], source: source)
    }

    /// The firewall's word for an address at which names are served.
    private func guarded(_ address: IPAddress, _ owner: ResourceID, _ source: SourcePosition?) -> KernelObject {
        FirewallTable.element(
            address.family == .ipv4 ? "names4" : "names6", [address.description], owner: owner, source: source)
    }
}
