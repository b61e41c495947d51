import Drivers
import LinuxHost
import Model

/// What is remembered so that things come back as they were after a reboot: addresses, subnets and host ports that were
/// chosen. Losing it costs at most another address or port.
struct Hints {
    private let file: MemoryFile

    init(dataDirectory: String, set: String) {
        file = MemoryFile(directory: "\(dataDirectory)/memory", name: "addresses-\(set).json")
    }

    /// Puts what is remembered into the facts.
    func recall(into facts: inout HostFacts) {
        let json = file.read()
        for member in json?["endpoints"]?.members ?? [] {
            let parts = member.name.split(separator: "/").map(String.init)
            guard parts.count == 2 else { continue }
            facts.remembered[EndpointKey(container: parts[0], network: parts[1])] = EndpointFacts(
                ipv4: member.value["ipv4"]?.string.flatMap { IPAddress($0) },
                ipv6: member.value["ipv6"]?.string.flatMap { IPAddress($0) })
        }
        for member in json?["networks"]?.members ?? [] {
            facts.rememberedSubnets[member.name] = member.value.array?.compactMap { $0.string.flatMap { IPPrefix($0) } }
        }
        for member in json?["ports"]?.members ?? [] {
            facts.rememberedPorts[member.name] = member.value.array?.compactMap(Self.port)
        }
    }

    /// Notes what is now in use; what is no longer desired is forgotten.
    func save(_ desired: DesiredState) {
        let endpoints = desired.endpoints.values.joined().map { endpoint in
            var members: [JSONValue.Member] = []
            if let address = endpoint.address(.ipv4) { members.append(.init("ipv4", .string(address.description))) }
            if let address = endpoint.address(.ipv6) { members.append(.init("ipv6", .string(address.description))) }
            return JSONValue.Member(
                "\(endpoint.container.metadata.name)/\(endpoint.attachment.network)", .object(members))
        }
        let networks = desired.networks.values.filter { !$0.pools.isEmpty }.map { network in
            JSONValue.Member(network.name, .strings(network.pools.map(\.prefix.description)))
        }
        let ports = desired.endpoints.compactMap { name, endpoints -> JSONValue.Member? in
            let chosen = endpoints.flatMap(\.ports).filter { port in
                endpoints.first?.container.ports.contains { $0.host?.count != 1 && $0.container == port.container }
                    == true
            }
            return chosen.isEmpty ? nil : JSONValue.Member(name, .array(chosen.map(Self.json)))
        }
        // Only a hint: where it cannot be written, nothing else suffers.
        try? file.write([
            "endpoints": .object(endpoints.sorted { $0.name < $1.name }),
            "networks": .object(networks.sorted { $0.name < $1.name }),
            "ports": .object(ports.sorted { $0.name < $1.name }),
        ])
    }

    private static func json(_ port: PublishedPort) -> JSONValue {
        [
            "address": .optional(port.address?.description), "family": .int(Int64(port.family.rawValue)),
            "host": .int(Int64(port.host)), "container": .int(Int64(port.container)),
            "protocol": .string(port.transport.rawValue),
        ]
    }

    private static func port(_ json: JSONValue) -> PublishedPort? {
        guard let family = json["family"]?.int.flatMap({ UInt8(exactly: $0) }).flatMap(IPAddress.Family.init),
            let host = json["host"]?.int.flatMap({ UInt16(exactly: $0) }),
            let container = json["container"]?.int.flatMap({ UInt16(exactly: $0) }),
            let transport = json["protocol"]?.string.flatMap({ TransportProtocol(rawValue: $0) })
        else { return nil }
        return PublishedPort(
            address: json["address"]?.string.flatMap { IPAddress($0) }, family: family, host: host,
            container: container, transport: transport)
    }

    func forget() { try? file.write(nil) }
}
