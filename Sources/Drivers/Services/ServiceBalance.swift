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

        func address(_ family: IPAddress.Family) -> IPAddress? { addresses.first { $0.family == family } }
    }

    /// The service's name.
    public var name: String { service.name }
    private let service: ResourceID
    private let source: SourcePosition?
    private let ports: [(port: PublishedPort, mode: ServicePort.Mode)]
    /// Its ports on the host.
    public var published: [PublishedPort] { ports.map(\.port) }
    private let backends: [Backend]
    private let hasIPv6Loopback: Bool
    /// The networks over which it reaches the node's replicas.
    let networks: Set<String>

    init(
        _ service: Service, _ endpoints: [String: [Endpoint]], _ resolved: [String: ResolvedNetwork],
        _ choice: inout PortChoice, _ facts: HostFacts
    ) {
        self.service = service.id
        source = service.metadata.position(of: "ports")
        hasIPv6Loopback = facts.hasIPv6Loopback
        guard !service.ports.isEmpty else {
            (ports, backends, networks) = ([], [], [])
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
        for attachment in service.template.networks {
            for remote in facts.fleet?.remote[attachment.network] ?? [] {
                guard let container = remote.container, ReplicaName(container)?.service == name,
                    !backends.contains(where: { $0.container == container })
                else { continue }
                for address in remote.addresses where ways[address.family] == nil {
                    ways[address.family] = PortChoice.Way(serviceIn: address.family, options: nil)
                }
                backends.append(Backend(container: container, addresses: remote.addresses, isLocal: false))
            }
        }
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

    /// What there should be where some replicas are not ready: a chain for each port of the replicas, the host ports that
    /// lead there, and what serves them on ::1. Where no replica is ready there is nothing, and the host refuses at once.
    public func objects(unready: Set<String>) -> [KernelObject] {
        let ready = backends.filter { !unready.contains($0.container) }
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
