import Model

/// Gives recovered containers their networks and ports. What is chosen by rule is written only where the rule would
/// choose otherwise: so each round settles what the last one showed to be different.
struct EndpointRecovery {
    let objects: [ObjectID: KernelObject]
    let facts: HostFacts
    let set: String
    /// The networks, by name.
    let networks: [String: Network]

    func settle(_ containers: [Container]) -> [Container] {
        var containers = containers.map { attached($0, networks) }
        for pass in 0..<2 {
            let desired = DesiredState(
                resources: ResourceSet(networks: Array(networks.values), containers: containers), facts: facts, set: set
            )
            containers = containers.map { container in
                let endpoints = desired.endpoints[container.metadata.name] ?? []
                return pass == 0 ? interfaces(container, endpoints) : ports(container, endpoints)
            }
        }
        return containers
    }

    /// Networks and addresses as observed, in the order of the interfaces; each port once, at any address.
    private func attached(_ container: Container, _ networks: [String: Network]) -> Container {
        var container = container
        let name = container.metadata.name
        if container.networks.isEmpty {
            let own = facts.endpoints.filter { $0.key.container == name && networks[$0.key.network] != nil }
            let lines = objects[.process(name)]?.list(.hosts) ?? []
            container.networks = own.sorted { Self.order($0.value, lines) < Self.order($1.value, lines) }.map {
                Attachment(
                    network: $0.key.network, ipv4: $0.value.ipv4, ipv6: $0.value.ipv6,
                    aliases: objects[.name(name, on: $0.key.network)]?.list(.aliases) ?? [])
            }
            if container.networks.isEmpty { container.networks = [Attachment(network: NoneDriver.name)] }
        }
        for port in (facts.publishedPorts[name] ?? []).sorted(by: Self.isBefore) {
            let mapping = PortMapping(
                address: port.address, host: port.host...port.host, container: port.container, transport: port.transport
            )
            if !container.ports.contains(mapping) { container.ports.append(mapping) }
        }
        for port in open(container.id) {
            let alike = container.ports.filter { $0.container == port.port && $0.transport == port.transport }
            if alike.contains(where: { $0.address.map { $0.family == port.family } ?? true }) { continue }
            // One without an address is for both families: that is tried first.
            let address = alike.isEmpty ? nil : IPAddress(family: port.family, bits: 0)
            container.ports.append(
                PortMapping(address: address, host: nil, container: port.port, transport: port.transport))
        }
        return container
    }

    /// A port that is open at the container's own address, since its network routes: the host's port means nothing there.
    private struct OpenPort: Hashable {
        let family: IPAddress.Family
        let port: UInt16
        let transport: TransportProtocol
    }

    private func open(_ container: ResourceID) -> [OpenPort] {
        objects.values.lazy.filter { $0.owner == container }.compactMap { FirewallElement(name: $0.id.name) }
            .sorted { $0.name < $1.name }.compactMap(\.opened).map { opened in
                OpenPort(family: opened.address.family, port: opened.port, transport: opened.transport)
            }
    }

    /// The order of the manifest, as /etc/hosts has it; of networks without addresses, that of the interfaces.
    private static func order(_ endpoint: EndpointFacts, _ lines: [String]) -> (Int, Int, String) {
        let address = (endpoint.ipv4 ?? endpoint.ipv6).map { "\($0) " }
        let line = address.flatMap { address in lines.firstIndex { $0.hasPrefix(address) } }
        let name = endpoint.interface ?? ""
        return (line ?? .max, name.hasPrefix("eth") ? Int(name.dropFirst(3)) ?? .max : .max, name)
    }

    private static func isBefore(_ left: PublishedPort, _ right: PublishedPort) -> Bool {
        if left.container != right.container { return left.container < right.container }
        if left.transport != right.transport { return left.transport < right.transport }
        return left.host == right.host ? left.family < right.family : left.host < right.host
    }

    /// Interface names, hardware addresses, and which network has the default route.
    private func interfaces(_ container: Container, _ endpoints: [Endpoint]) -> Container {
        var container = container
        let name = container.metadata.name
        for endpoint in endpoints {
            let observed = facts.endpoints[EndpointKey(container: name, network: endpoint.attachment.network)]
            let interface = observed?.interface ?? endpoint.interface
            if interface != endpoint.interface { container.networks[endpoint.index].interface = interface }
            let mac = objects[.link(interface, in: name)]?.string(.mac).flatMap { MACAddress($0) }
            if let mac, mac != endpoint.mac, hasOwnMAC(endpoint) { container.networks[endpoint.index].mac = mac }
        }
        if endpoints.contains(where: { routes($0, container) != Set($0.defaultRoutes) }) {
            // Where one family leads elsewhere than the other, the endpoint of one family alone comes first: it takes
            // nothing away from the other family.
            for endpoint in endpoints where !routes(endpoint, container).isEmpty {
                container.networks[endpoint.index].gatewayPriority = endpoint.addresses.count > 1 ? 1 : 2
            }
        }
        return container
    }

    private func hasOwnMAC(_ endpoint: Endpoint) -> Bool {
        guard let network = networks[endpoint.attachment.network] else { return true }
        return DriverRegistry.driver(named: network.driver)?.hasOwnMAC(network) ?? true
    }

    /// The families whose default route is observed to lead over an endpoint.
    private func routes(_ endpoint: Endpoint, _ container: Container) -> Set<IPAddress.Family> {
        let name = container.metadata.name
        let observed = facts.endpoints[EndpointKey(container: name, network: endpoint.attachment.network)]
        let interface = observed?.interface ?? endpoint.interface
        return Set(
            IPAddress.Family.allCases.filter {
                objects[.route(ObjectID.defaultRoute($0), on: interface, in: name)] != nil
            })
    }

    /// A port that would be published in more families than it is names its own.
    private func ports(_ container: Container, _ endpoints: [Endpoint]) -> Container {
        var container = container
        let published = Set(facts.publishedPorts[container.metadata.name] ?? [])
        let open = Set(open(container.id))
        func isThere(_ port: PublishedPort) -> Bool {
            published.contains(port)
                || open.contains(OpenPort(family: port.family, port: port.container, transport: port.transport))
        }
        for index in container.ports.indices where container.ports[index].address == nil {
            let mapping = container.ports[index]
            let wanted = endpoints.flatMap(\.ports).filter { port in
                port.address == nil && port.container == mapping.container && port.transport == mapping.transport
                    && mapping.host?.contains(port.host) ?? true
            }
            guard let own = wanted.first(where: isThere), !wanted.allSatisfy(isThere) else { continue }
            container.ports[index].address = IPAddress(family: own.family, bits: 0)
        }
        return container
    }
}
