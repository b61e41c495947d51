import Drivers
import Model
import Planning

/// A stack of containers with one endpoint and one published port each, on as many bridges as they need.
struct Stack {
    let resources: ResourceSet

    /// What one bridge holds here, clear of the kernel's 1,023.
    private static let perBridge = 1000

    init(endpoints: Int) {
        let bridges = (endpoints + Self.perBridge - 1) / Self.perBridge
        let networks = (0..<bridges).map { number in
            Network(
                metadata: Metadata(name: "net\(number)"),
                subnets: [Subnet(prefix: IPPrefix("10.\(number).0.0/16")!)])
        }
        let containers = (0..<endpoints).map { number in
            var container = Container(
                metadata: Metadata(name: "c\(number)"), image: .rootfs(directory: "/rootfs"),
                networks: [Attachment(network: "net\(number / Self.perBridge)")])
            container.command = ["/bin/sleep", "1d"]
            let port = UInt16(20000 + number)
            container.ports = [PortMapping(host: port...port, container: 80)]
            return container
        }
        resources = ResourceSet(networks: networks, containers: containers)
    }

    func desired(_ facts: HostFacts = HostFacts()) -> DesiredState {
        DesiredState(resources: resources, facts: facts, set: "default")
    }

    /// The facts of a host on which all of it is there.
    func facts(of desired: DesiredState) -> HostFacts {
        var facts = HostFacts()
        facts.images["rootfs:/rootfs"] = "rootfs:/rootfs"
        for (container, endpoints) in desired.endpoints {
            for endpoint in endpoints {
                let key = EndpointKey(container: container, network: endpoint.attachment.network)
                facts.endpoints[key] = EndpointFacts(
                    interface: endpoint.interface, ipv4: endpoint.address(.ipv4))
                facts.publishedPorts[container] = endpoint.ports
            }
        }
        for (name, network) in desired.networks { facts.subnets[name] = network.pools.map(\.prefix) }
        return facts
    }
}
