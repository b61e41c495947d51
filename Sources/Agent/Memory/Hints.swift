import Drivers
import LinuxHost
import Model

/// What is remembered so that things come back as they were after a reboot: addresses and subnets. Losing it costs at
/// most another address.
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
        // Only a hint: where it cannot be written, nothing else suffers.
        try? file.write([
            "endpoints": .object(endpoints.sorted { $0.name < $1.name }),
            "networks": .object(networks.sorted { $0.name < $1.name }),
        ])
    }

    func forget() { try? file.write(nil) }
}
