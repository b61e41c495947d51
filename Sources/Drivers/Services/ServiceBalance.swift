import Model

/// How a service's ports lead to its replicas: settled ports and addresses, of which only those of ready replicas are
/// used. Pure, and kept by the agent: when a replica's state changes nothing else has to be derived anew.
public struct ServiceBalance: Sendable {
    /// A replica that traffic may be sent to.
    struct Backend: Hashable, Sendable {
        /// The replica, as a container.
        let container: String
        /// Its addresses, one a family at most.
        let addresses: [IPAddress]
        /// It runs on this node.
        let isLocal: Bool
        /// Whether its node says that it is well; what runs here is asked for itself.
        var isReady = true

        func address(_ family: IPAddress.Family) -> IPAddress? { addresses.first { $0.family == family } }
    }

    /// The service's name.
    public var name: String { service.name }
    private let service: ResourceID
    private let source: SourcePosition?
    private let ports: [(port: PublishedPort, mode: ServicePort.Mode)]
    /// Its ports on the host.
    public var published: [PublishedPort] { ports.map(\.port) }
    private var backends: [Backend]
    private let hasIPv6Loopback: Bool
    /// The networks over which it reaches its replicas.
    let networks: Set<String>
    /// The networks that replicas are on.
    private let attached: Set<String>
    /// The families in which there are replicas.
    private let families: Set<IPAddress.Family>
    /// Those of replicas on this node.
    private let localFamilies: Set<IPAddress.Family>
    /// The replicas on this node to which its ports lead.
    var local: [String] { backends.filter { $0.isLocal && !$0.addresses.isEmpty }.map(\.container) }

    init(
        _ service: Service, _ endpoints: [String: [Endpoint]], _ resolved: [String: ResolvedNetwork],
        _ choice: inout PortChoice, _ facts: HostFacts
    ) {
        self.service = service.id
        source = service.metadata.position(of: "ports")
        hasIPv6Loopback = facts.hasIPv6Loopback
        guard !service.ports.isEmpty else {
            (ports, backends, networks, attached, families, localFamilies) = ([], [], [], [], [], [])
            return
        }
        var networks: Set<String> = []
        var ways: [IPAddress.Family: PortChoice.Way] = [:]
        var backends: [Backend] = []
        let name = service.metadata.name
        for number in facts.replicas(of: service) {
            let container = ReplicaName(name, number).text
            let leading = (endpoints[container] ?? []).filter { endpoint in
                let driver = resolved[endpoint.attachment.network].flatMap {
                    DriverRegistry.driver(named: $0.network.driver)
                }
                return !endpoint.defaultRoutes.isEmpty && driver?.publishesPorts == true
            }
            let addresses = leading.flatMap { endpoint in endpoint.defaultRoutes.compactMap { endpoint.address($0) } }
            for endpoint in leading where !networks.contains(endpoint.attachment.network) {
                let options = resolved[endpoint.attachment.network]?.network.bridge
                for family in endpoint.defaultRoutes {
                    ways[family] = PortChoice.Way(serviceIn: family, options: options)
                }
            }
            networks.formUnion(leading.map(\.attachment.network))
            backends.append(Backend(container: container, addresses: addresses, isLocal: true))
        }
        attached = Set(service.template.networks.map(\.network))
        localFamilies = Set(ways.keys)
        for (network, elsewhere) in Self.elsewhere(name, attached, facts.fleet, beside: backends) {
            for family in elsewhere.addresses.map(\.family) where ways[family] == nil {
                ways[family] = PortChoice.Way(serviceIn: family, options: nil)
            }
            networks.insert(network)
            backends.append(elsewhere)
        }
        families = Set(ways.keys)
        let modes = service.ports
        // Without replicas no port leads anywhere, which nobody has to be told.
        let known = IPAddress.Family.allCases.compactMap { ways[$0] }
        ports =
            backends.isEmpty
            ? []
            : choice.choose(service.front, leading: known).map { port in
                let own = modes.first {
                    $0.mapping.host?.lowerBound == port.host && $0.mapping.transport == port.transport
                }
                return (port, own?.mode ?? .ingress)
            }
        self.backends = backends
        self.networks = networks
    }

    /// The replicas on other nodes, each with the first network by which it is reached.
    private static func elsewhere(
        _ name: String, _ attached: Set<String>, _ fleet: FleetFacts?, beside local: [Backend]
    ) -> [(network: String, Backend)] {
        guard let fleet, !attached.isEmpty else { return [] }
        var known = Set(local.map(\.container))
        var found: [(network: String, Backend)] = []
        for network in attached.sorted() {
            for remote in fleet.remote[network] ?? [] where remote.service == name {
                guard let container = remote.container, known.insert(container).inserted else { continue }
                found.append(
                    (
                        network,
                        Backend(
                            container: container, addresses: remote.addresses, isLocal: false, isReady: remote.isReady)
                    ))
            }
        }
        return found
    }

    /// Takes over what became of the replicas on other nodes; `false`, and nothing is taken over, where more follows from
    /// that than which replicas traffic is led to.
    public mutating func follow(_ fleet: FleetFacts) -> Bool {
        guard !attached.isEmpty else { return true }
        let local = backends.filter(\.isLocal)
        let elsewhere = Self.elsewhere(name, attached, fleet, beside: local)
        let families = localFamilies.union(elsewhere.flatMap(\.1.addresses).map(\.family))
        guard families == self.families, networks.isSuperset(of: elsewhere.map(\.network)),
            backends.isEmpty == (local.isEmpty && elsewhere.isEmpty)
        else { return false }
        backends = local + elsewhere.map(\.1)
        return true
    }

    /// What there should be where some replicas are not ready: a chain for each port of the replicas, the host ports that
    /// lead there, and what serves them on ::1. Where no replica is ready there is nothing, and the host refuses at once.
    public func objects(unready: Set<String>) -> [KernelObject] {
        let ready = backends.filter { $0.isLocal ? !unready.contains($0.container) : $0.isReady }
        var objects: [KernelObject] = []
        var chains: Set<BalanceChain> = []
        for (port, mode) in ports {
            let able = ready.filter { mode == .ingress || $0.isLocal }
            if hasIPv6Loopback, let first = able.first(where: { !$0.addresses.isEmpty }),
                let address = first.address(.ipv6) ?? first.address(.ipv4)
            {
                objects += ForwardObjects.objects(to: address, [port], owner: service, source: source)
            }
            // The kernel cannot translate ::1.
            if port.isLoopback6 { continue }
            let chain = BalanceChain(service: name, port: port.container, port.transport, mode: mode)
            guard able.contains(where: { $0.address(port.family) != nil }) else { continue }
            if chains.insert(chain).inserted { objects.append(object(of: chain, able)) }
            let element = FirewallElement(
                servicePort: port.host, port.transport, family: port.family, address: port.address)
            objects.append(
                FirewallTable.element(
                    element.set, element.key, target: "goto \(chain.name)", owner: service, source: source))
        }
        return objects
    }

    private func object(of chain: BalanceChain, _ backends: [Backend]) -> KernelObject {
        let rules = IPAddress.Family.allCases.compactMap { family in
            chain.rule(to: backends.compactMap { $0.address(family) })
        }
        return KernelObject(
            .firewallChain(chain.name), owner: service, fields: [Field(.rules, .list(rules))],
            hangsOn: [.firewallTable], source: source)
    }
}
