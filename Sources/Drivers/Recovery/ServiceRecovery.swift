import Model

/// Services from their replicas, as containers: the way back of ``Model/ResourceSet/workloads(_:)``.
///
/// There are as many replicas as the highest number says. How many may be away during an update no object shows.
struct ServiceRecovery {
    private(set) var services: [Service] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(_ replicas: [Container], _ objects: [ObjectID: KernelObject], _ facts: HostFacts) {
        var found: [String: [(number: Int, container: Container)]] = [:]
        for container in replicas {
            guard let name = ReplicaName(container.metadata.name) else { continue }
            found[name.service, default: []].append((name.number, container))
        }
        for (name, members) in found.sorted(by: { $0.key < $1.key }) {
            let sorted = members.sorted { $0.number < $1.number }
            guard let first = sorted.first, let last = sorted.last else { continue }
            let template = Self.template(first.container, name, alone: last.number == 1)
            if sorted.contains(where: { Self.template($0.container, name, alone: last.number == 1) != template }) {
                diagnostics.append(
                    Diagnostic(
                        .warning, code: "not-exact", "its replicas are not alike: exported is \(first.container.id)",
                        hint: "an update may be under way", resource: .service(name)))
            }
            services.append(
                Service(
                    metadata: Metadata(name: name), replicas: last.number, template: template,
                    ports: Self.ports(name, first.container.metadata.name, objects, facts)))
        }
    }

    /// What is true of one replica as it would be of each.
    private static func template(_ container: Container, _ service: String, alone: Bool) -> Container {
        var template = container
        template.metadata = Metadata(name: ReplicaName(service, 0).text)
        for index in template.networks.indices {
            template.networks[index].ipv4 = nil
            template.networks[index].ipv6 = nil
            template.networks[index].aliases.removeAll { $0 == service }
            if !alone { template.networks[index].mac = nil }
        }
        if !alone {
            for index in template.ports.indices { template.ports[index].host = nil }
        }
        return template
    }

    /// The service's ports: one that is published in all families that a replica has once, at any address.
    private static func ports(
        _ service: String, _ replica: String, _ objects: [ObjectID: KernelObject], _ facts: HostFacts
    ) -> [ServicePort] {
        let own = facts.endpoints.filter { $0.key.container == replica }.values
        let isDual = own.contains { $0.ipv4 != nil } && own.contains { $0.ipv6 != nil }
        let published = (facts.publishedPorts[ReplicaName(service, 0).text] ?? []).sorted {
            ($0.host, $0.transport, $0.family) < ($1.host, $1.transport, $1.family)
        }
        var ports: [ServicePort] = []
        for port in published {
            let isBoth = published.contains {
                $0.host == port.host && $0.transport == port.transport && $0.address == nil && $0.family != port.family
            }
            let any = isBoth || !isDual ? nil : IPAddress(family: port.family, bits: 0)
            let mapping = PortMapping(
                address: port.address ?? any, host: port.host...port.host, container: port.container,
                transport: port.transport)
            let element = FirewallElement(
                servicePort: port.host, port.transport, family: port.family, address: port.address)
            let chain = objects[element.id]?.string(.target).flatMap { BalanceChain(String($0.dropFirst(5))) }
            let found = ServicePort(mapping, mode: chain?.mode ?? .ingress)
            if !ports.contains(found) { ports.append(found) }
        }
        return ports
    }
}
