import Drivers
import LinuxHost
import Model
import Planning

extension Topology {
    /// What is desired of a host. `states` are those of containers, where they were looked at.
    public init(_ desired: DesiredState, _ facts: HostFacts, states: [String: String]? = nil) {
        let uplink = facts.uplinks.first(where: \.isDefault) ?? facts.uplinks.first
        self.init(
            uplink: uplink.map { Uplink(name: $0.name, mtu: $0.mtu) },
            networks: desired.networks.values.filter { $0.network.driver != "none" }.map(Self.network),
            containers: desired.containers.map { container in
                let service = desired.balances.first { $0.name == container.id.service?.name }
                let endpoints = desired.endpoints[container.metadata.name] ?? []
                return Container(
                    name: container.metadata.name, image: container.image.text,
                    state: states.map { $0[container.metadata.name] ?? "missing" },
                    attachments: container.networks.map { attachment in
                        let endpoint = endpoints.first { $0.attachment.network == attachment.network }
                        return Attachment(network: attachment.network, label: endpoint.map(Self.label) ?? "")
                    },
                    ports: Self.ports(
                        endpoints.flatMap { $0.reach(over: desired.networks[$0.attachment.network]) }
                            + (service?.published ?? [])))
            })
    }

    private static func network(_ resolved: ResolvedNetwork) -> Network {
        let network = resolved.network
        let isHost = DriverRegistry.driver(named: network.driver)?.usesHostNamespace == true
        let leadsOut = isHost || IPAddress.Family.allCases.contains { resolved.gateway($0) != nil }
        let kind = isHost ? "shared with the host" : network.driver + (network.internal ? ", internal" : "")
        return Network(
            name: network.metadata.name, kind: kind,
            subnets: resolved.pools.map(\.prefix.description), leadsOut: leadsOut)
    }

    private static func label(_ endpoint: Endpoint) -> String {
        ([endpoint.interface] + endpoint.addresses.map(\.address.description)).joined(separator: " ")
    }

    /// Each port once, though both families may have it: `8080 → 80/tcp`, `127.0.0.1:8443 → 443/tcp`.
    private static func ports(_ ports: [PublishedPort]) -> [String] {
        let sorted = ports.sorted {
            ($0.container, $0.transport, $0.host, $0.family) < ($1.container, $1.transport, $1.host, $1.family)
        }
        var seen: [String] = []
        for port in sorted {
            let address = port.address.map { $0.family == .ipv4 ? "\($0):" : "[\($0)]:" } ?? ""
            let text = "\(address)\(port.host) → \(port.container)/\(port.transport.rawValue)"
            if !seen.contains(text) { seen.append(text) }
        }
        return seen
    }
}

extension Engine {
    /// The topology that manifests ask for on this host, and what of it could not be derived.
    public func topology(of input: PassInput) async throws(Diagnostic) -> (Topology, [Diagnostic]) {
        let look = try await look(input)
        return (Topology(look.desired, look.facts), look.desired.diagnostics)
    }

    /// The topology as it is: of all that the set owns, whatever manifests say.
    public func topology() async throws(Diagnostic) -> Topology {
        let sighting = try await observe()
        let objects = sighting.observation.objects.filter { sighting.observation.foreign[$0.key] == nil }
        let recovery = Recovery(objects: objects, facts: sighting.facts, set: settings.set)
        var facts = sighting.facts
        facts.fleet = fleet()
        facts.processes = sighting.containers.mapValues(ProcessFacts.init)
        let desired = DesiredState(resources: recovery.resources, facts: facts, set: settings.set)
        return Topology(desired, facts, states: sighting.containers.mapValues(\.state.rawValue))
    }

    /// The topology that manifests ask for on an empty host, for those who may not look.
    public static func offlineTopology(
        _ input: PassInput, _ settings: EngineSettings
    ) throws(Diagnostic) -> (Topology, [Diagnostic]) {
        var facts = HostFacts()
        facts.addressPools = try AddressPoolFile.pools(given: settings.addressPools)
        let desired = DesiredState(resources: input.resources, facts: facts, set: settings.set)
        return (Topology(desired, facts), desired.diagnostics)
    }
}
