import Drivers
import Model

/// Sets of resources that manifests could describe, and hosts that they are for.
struct RandomResources {
    private var generator: SeededGenerator
    private var ports: [UInt16]

    init(_ generator: SeededGenerator) {
        self.generator = generator
        ports = Array(8000..<8100).shuffled(using: &self.generator)
    }

    mutating func set() -> ResourceSet {
        let networks = (0..<Int.random(in: 0...4, using: &generator)).map { network($0) }
        var taken: Set<String> = []
        let containers = (0..<Int.random(in: 0...7, using: &generator)).map { container($0, networks, &taken) }
        let guests = containers.indices.filter { _ in generator.isOne(in: 6) }.map { guest($0, of: containers[$0]) }
        let services = (0..<Int.random(in: 0...2, using: &generator)).map { service($0, networks) }
        return ResourceSet(
            networks: networks.shuffled(using: &generator),
            containers: (containers + guests.compactMap { $0 }).shuffled(using: &generator), services: services)
    }

    private mutating func service(_ number: Int, _ networks: [Network]) -> Service {
        let name = "s\(number)"
        var taken: Set<String> = []
        var template = container(number, networks, &taken)
        template.metadata.name = ReplicaName(name, 0).text
        template.ports = []
        for index in template.networks.indices {
            template.networks[index].ipv4 = nil
            template.networks[index].mac = nil
        }
        let isHost = template.networks.first?.network == "host" || template.networks.first?.network == "none"
        var service = Service(
            metadata: Metadata(name: name, position: position(name)), replicas: .random(in: 0...3, using: &generator),
            template: template)
        for inner in [80, 53] where !isHost && generator.isOne(in: 2) {
            let port = ports.removeLast()
            service.ports.append(
                ServicePort(
                    PortMapping(
                        host: port...port, container: UInt16(inner), transport: inner == 53 ? .udp : .tcp),
                    mode: generator.isOne(in: 3) ? .host : .ingress))
        }
        return service
    }

    /// A container that runs in the sandbox of another one.
    private func guest(_ number: Int, of host: Container) -> Container? {
        guard host.networks.first?.network != "host" else { return nil }
        var guest = Container(
            metadata: Metadata(name: "g\(number)", position: position("g\(number)")), image: host.image,
            networks: [Attachment(container: host.metadata.name)])
        guest.restart = host.restart
        return guest
    }

    mutating func host() -> HostFacts {
        var facts = HostFacts()
        facts.uplinks = [
            HostFacts.Uplink(
                name: "eth0", mtu: generator.isOne(in: 3) ? 9000 : 1500, hasIPv4: true, isDefault: true)
        ]
        facts.linksHeedingAdvertisements = ["eth0"].filter { _ in generator.isOne(in: 2) }
        facts.bridgedIPv4PassesFirewall = generator.isOne(in: 2)
        facts.bridgedIPv6PassesFirewall = generator.isOne(in: 2)
        facts.routes = [HostFacts.Route(IPPrefix(IPAddress(v4: 0xac11_0000), length: 16))].filter { _ in
            generator.isOne(in: 2)
        }
        facts.ephemeralPorts = 40000...40007
        facts.reservedPorts = [40003]
        if generator.isOne(in: 3) {
            facts.listeners = [
                HostFacts.Listener(
                    transport: .tcp, address: IPAddress(v4: 0), port: .random(in: 8000..<8100, using: &generator),
                    holder: "other (pid 1)")
            ]
        }
        for number in 0..<8 where generator.isOne(in: 2) {
            facts.remembered[EndpointKey(container: "c\(number)", network: "n0")] = EndpointFacts(
                ipv4: IPAddress(v4: 0x0a00_0000 | .random(in: 0...70, using: &generator)))
        }
        return facts
    }

    private mutating func network(_ number: Int) -> Network {
        var network = Network(metadata: Metadata(name: "n\(number)", position: position("n\(number)")))
        if !generator.isOne(in: 3) {
            let length = Int.random(in: 27...30, using: &generator)
            let prefix = IPPrefix(IPAddress(v4: 0x0a00_0000 | UInt32(number) << 16), length: length)
            var subnet = Subnet(prefix: prefix)
            if generator.isOne(in: 3) { subnet.gateway = prefix.last.advanced(by: .max) }
            if generator.isOne(in: 4) { subnet.range = IPPrefix(prefix.first, length: length + 1) }
            if generator.isOne(in: 3) { subnet.reserved = [prefix.first.advanced(by: 2)] }
            network.subnets = [subnet]
        }
        network.ipv6 = generator.isOne(in: 3)
        network.internal = generator.isOne(in: 4)
        network.mtu = generator.isOne(in: 3) ? .random(in: 1280...1500, using: &generator) : nil
        network.bridge.icc = !generator.isOne(in: 3)
        network.bridge.name = generator.isOne(in: 4) ? "br\(number)" : nil
        let modes: [GatewayMode] = network.internal ? GatewayMode.allCases : [.nat, .natUnprotected, .routed]
        let mode = modes.randomElement(using: &generator) ?? .nat
        network.bridge.gatewayMode = PerFamily(mode)
        if generator.isOne(in: 3) { network.bridge.gatewayMode.ipv6 = modes.randomElement(using: &generator) ?? .nat }
        if generator.isOne(in: 4) { network.bridge.trustedInterfaces = ["wg0", "wg1"] }
        if generator.isOne(in: 4) { network.bridge.hostBinding = IPAddress(v4: 0x7f00_0001) }
        if generator.isOne(in: 4) { network.bridge.snat.ipv4 = IPAddress(v4: 0xc000_0207) }
        switch Int.random(in: 0..<8, using: &generator) {
        case 0:
            network.driver = "macvlan"
            // Each on a link of its own, so that all modes go together.
            network.macvlan.parent = "lan\(number)"
            network.macvlan.mode = [.bridge, .private, .vepa].randomElement(using: &generator) ?? .bridge
        case 1:
            network.driver = "ipvlan"
            network.ipvlan.parent = "lan\(number)"
            network.ipvlan.mode = IpvlanMode.allCases.randomElement(using: &generator) ?? .l2
        case 2:
            network.driver = "overlay"
            network.overlay.vni = generator.isOne(in: 2) ? 4100 + number : nil
            network.overlay.icc = network.bridge.icc
        default: return network
        }
        network.bridge = BridgeOptions()
        return network
    }

    private mutating func container(_ number: Int, _ networks: [Network], _ taken: inout Set<String>) -> Container {
        let images = ["a", "b", "c"].map { ImageSource.registry("docker.io/library/\($0):1") }
        var container = Container(
            metadata: Metadata(name: "c\(number)", position: position("c\(number)")),
            image: images.randomElement(using: &generator) ?? images[0], networks: [])
        let choices = networks.map(\.metadata.name) + ["bridge"]
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: container.networks = [Attachment(network: ["host", "none"].randomElement(using: &generator) ?? "none")]
        default:
            let chosen = choices.shuffled(using: &generator).prefix(.random(in: 1...3, using: &generator))
            container.networks = chosen.map { name in
                attachment(name, networks.first { $0.metadata.name == name }, &taken)
            }
            for _ in 0..<Int.random(in: 0...3, using: &generator) { addPort(to: &container) }
        }
        container.environment = generator.isOne(in: 2) ? ["TOKEN": "secret-\(generator.next())"] : [:]
        container.restart = RestartPolicy.allCases.randomElement(using: &generator) ?? .always
        container.resources.memory = generator.isOne(in: 3) ? .random(in: 6...12, using: &generator) << 20 : nil
        container.hostname = generator.isOne(in: 4) ? "host\(number)" : nil
        return container
    }

    private mutating func attachment(_ name: String, _ network: Network?, _ taken: inout Set<String>) -> Attachment {
        var attachment = Attachment(network: name)
        attachment.gatewayPriority = generator.isOne(in: 3) ? .random(in: -2...2, using: &generator) : 0
        attachment.interface = generator.isOne(in: 5) ? "if-\(name)" : nil
        if let subnet = network?.subnets.first, generator.isOne(in: 3) {
            let address = subnet.prefix.first.advanced(by: 3)
            let isFree = address != subnet.gateway && address != subnet.prefix.last
            if isFree, taken.insert("\(name) \(address)").inserted { attachment.ipv4 = address }
        }
        return attachment
    }

    private mutating func addPort(to container: inout Container) {
        var mapping = PortMapping(host: nil, container: .random(in: 80...82, using: &generator))
        mapping.transport = generator.isOne(in: 4) ? .udp : .tcp
        if generator.isOne(in: 3) { mapping.address = IPAddress(v4: 0x7f00_0001) }
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: mapping.host = ports.popLast().map { $0...$0 }
        case 1: mapping.host = 9000...9005
        default: break
        }
        if !container.ports.contains(mapping) { container.ports.append(mapping) }
    }

    private func position(_ name: String) -> SourcePosition { SourcePosition(file: "\(name).yaml", line: 1, column: 1) }
}
