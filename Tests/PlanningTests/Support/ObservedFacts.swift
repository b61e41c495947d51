import Drivers
import Model
import Planning

extension HostFacts {
    /// These facts with what an observation adds to them: what our own objects are seen to have.
    func seeing(_ observation: Observation, exitCodes: [String: Int] = [:]) -> HostFacts {
        var facts = self
        let ours = observation.objects.values.filter {
            observation.foreign[$0.id] == nil && !observation.unmarked.contains($0.id)
        }
        for object in ours.sorted(by: { $0.id < $1.id }) {
            switch object.id.kind {
            case .address: facts.see(address: object, observation)
            case .link: facts.see(link: object)
            case .firewall: facts.see(port: object)
            case .image: facts.images[object.id.name] = object.string(.digest)
            case .process:
                facts.processes[object.id.name] = ProcessFacts(
                    state: object.string(.state) ?? "", exitCode: exitCodes[object.id.name])
            default: break
            }
        }
        facts.add(ours.compactMap { Forward($0) })
        return facts
    }

    /// What a pass notes for the next one.
    mutating func remember(_ desired: DesiredState) {
        for endpoint in desired.endpoints.values.joined() {
            let key = EndpointKey(container: endpoint.container.metadata.name, network: endpoint.attachment.network)
            remembered[key] = EndpointFacts(ipv4: endpoint.address(.ipv4), ipv6: endpoint.address(.ipv6))
        }
        for network in desired.networks.values { rememberedSubnets[network.name] = network.pools.map(\.prefix) }
    }

    private static func mark(_ link: KernelObject?) -> Mark? { link?.string(.alias).flatMap { Mark(alias: $0) } }

    private mutating func see(address object: KernelObject, _ observation: Observation) {
        guard let address = IPPrefix(object.id.name),
            let mark = Self.mark(observation.objects[.link(object.id.link, in: object.id.sandbox)])
        else { return }
        if object.id.sandbox.isEmpty {
            guard address.family == .ipv4 || !address.address.isLinkLocal else { return }
            subnets[mark.resource.name, default: []].append(address.network)
        } else if let network = mark.network {
            let key = EndpointKey(container: object.id.sandbox, network: network)
            switch address.family {
            case .ipv4: endpoints[key, default: EndpointFacts()].ipv4 = address.address
            case .ipv6: endpoints[key, default: EndpointFacts()].ipv6 = address.address
            }
            let link = observation.objects[.link(object.id.link, in: object.id.sandbox)]
            if link?[.parent] != nil, subnets[network]?.contains(address.network) != true {
                subnets[network, default: []].append(address.network)
            }
        }
    }

    private mutating func see(link object: KernelObject) {
        guard !object.id.sandbox.isEmpty, let network = Self.mark(object)?.network else { return }
        let key = EndpointKey(container: object.id.sandbox, network: network)
        endpoints[key, default: EndpointFacts()].interface = object.id.name
    }

    private mutating func see(port object: KernelObject) {
        guard let port = FirewallElement(name: object.id.name)?.published, let owner = object.owner,
            let target = object.string(.target)
        else { return }
        let inner =
            target.hasPrefix("goto ")
            ? BalanceChain(String(target.dropFirst(5)))?.port
            : target.lastIndex(of: ":").flatMap { UInt16(target[target.index(after: $0)...]) }
        guard let inner else { return }
        publishedPorts[owner.publisher, default: []].append(
            PublishedPort(
                address: port.address.flatMap { IPAddress($0) }, family: port.family, host: port.port,
                container: inner, transport: port.transport))
    }
}
