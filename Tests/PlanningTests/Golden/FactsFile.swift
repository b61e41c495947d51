import Drivers
import Model
import Testing

/// `facts.json`: the host, as far as a case needs another than the usual one.
struct FactsFile {
    let json: JSONValue?

    /// A host with one uplink and a name server.
    private static var usual: HostFacts {
        var facts = HostFacts()
        facts.uplinks = [HostFacts.Uplink(name: "eth0", mtu: 1500, hasIPv4: true, isDefault: true)]
        facts.resolver.servers = [IPAddress(v4: 0xc000_0235)]
        facts.names.upstream = ["192.0.2.53"]
        return facts
    }

    func facts() throws -> HostFacts {
        var facts = Self.usual
        if let uplinks = json?["uplinks"]?.array {
            facts.uplinks = try uplinks.map {
                HostFacts.Uplink(
                    name: try #require($0["name"]?.string), mtu: Int($0["mtu"]?.int ?? 1500),
                    hasIPv4: $0["hasIPv4"]?.bool ?? true, isDefault: $0["isDefault"]?.bool ?? true,
                    addresses: ($0["addresses"]?.array ?? []).compactMap { $0.string.flatMap { IPAddress($0) } })
            }
        }
        if let links = json?["links"]?.members {
            facts.links = Dictionary(uniqueKeysWithValues: links.map { ($0.name, Self.link($0.value)) })
        }
        facts.linksHeedingAdvertisements = texts("linksHeedingAdvertisements")
        facts.missingLinkKinds = Set(texts("missingLinkKinds"))
        if let pools = json?["addressPools"]?.array {
            facts.addressPools = AddressPool.effective(
                try pools.map { try #require($0.string.flatMap { AddressPool($0) }) })
        }
        for member in json?["strangers"]?.members ?? [] {
            for entry in member.value.members ?? [] {
                let address = try #require(IPAddress(entry.name))
                facts.strangers[member.name, default: [:]][address] = entry.value.string.flatMap { MACAddress($0) }
            }
        }
        for member in json?["rememberedPorts"]?.members ?? [] {
            facts.rememberedPorts[member.name] = try (member.value.array ?? []).map(Self.port)
        }
        facts.routes = try texts("routes").map { text in
            let words = text.split(separator: " ").map(String.init)
            return HostFacts.Route(
                try #require(words.first.flatMap { IPPrefix($0) }), by: words.count > 1 ? words[1] : nil)
        }
        facts.ownAddresses = try (json?["ownAddresses"]?.members ?? []).map {
            HostFacts.Address(try #require(IPAddress($0.name)), on: try #require($0.value.string))
        }
        facts.subnetsOfOtherSets = try (json?["subnetsOfOtherSets"]?.array ?? []).map {
            SubnetOfAnotherSet(
                set: try #require($0["set"]?.string), resource: .network(try #require($0["network"]?.string)),
                prefix: try #require($0["subnet"]?.string.flatMap { IPPrefix($0) }),
                link: try #require($0["link"]?.string))
        }
        facts.bridgedIPv4PassesFirewall = json?["bridgedIPv4PassesFirewall"]?.bool ?? false
        facts.bridgedIPv6PassesFirewall = json?["bridgedIPv6PassesFirewall"]?.bool ?? false
        for chain in texts("chainsThatDrop") {
            facts.hostFirewall.bases.append(
                HostFirewall.Base(
                    name: try Self.chain(chain), hook: chain.hasSuffix("OUTPUT") ? .output : .forward, policyDrops: true
                ))
        }
        facts.hostFirewall.landmarks = Set(try texts("otherChains").map(Self.chain))
        facts.hasIPv6Loopback = json?["hasIPv6Loopback"]?.bool ?? true
        facts.addresses = json?["addresses"].map { _ in
            Set(texts("addresses").compactMap { IPAddress($0) })
        }
        facts.portsOfOtherSets = try (json?["portsOfOtherSets"]?.array ?? []).map(Self.portOfAnotherSet)
        facts.listeners = try (json?["listeners"]?.array ?? []).map(Self.listener)
        if let range = json?["ephemeralPorts"]?.array?.compactMap(\.int), range.count == 2 {
            facts.ephemeralPorts = UInt16(range[0])...UInt16(range[1])
        }
        facts.reservedPorts = Set((json?["reservedPorts"]?.array ?? []).compactMap(\.int).map { UInt16($0) })
        if let names = json?["names"] {
            facts.names.isAvailable = names["isAvailable"]?.bool ?? true
            facts.names.upstream = names["upstream"]?.array?.compactMap(\.string) ?? facts.names.upstream
            facts.names.hasUpstream = !facts.names.upstream.isEmpty
            facts.names.listeners = try (names["listeners"]?.array ?? []).map(Self.listener)
        }
        for member in json?["remembered"]?.members ?? [] {
            let names = member.name.split(separator: "/").map(String.init)
            facts.remembered[EndpointKey(container: names[0], network: names[1])] = EndpointFacts(
                ipv4: member.value["ipv4"]?.string.flatMap { IPAddress($0) },
                ipv6: member.value["ipv6"]?.string.flatMap { IPAddress($0) })
        }
        for member in json?["rememberedSubnets"]?.members ?? [] {
            facts.rememberedSubnets[member.name] = (member.value.array ?? []).compactMap {
                $0.string.flatMap { IPPrefix($0) }
            }
        }
        for member in json?["images"]?.members ?? [] { facts.images[member.name] = member.value.string }
        facts.unready = Set(texts("unready"))
        facts.missingMountSources = Set(texts("missingMountSources"))
        for image in texts("missingImages") {
            facts.imageProblems[image] = Diagnostic(code: "image-not-found", "cannot read \(image)")
        }
        facts.fleet = json?["fleet"].flatMap(Self.fleet)
        for member in json?["nodeLabels"]?.members ?? [] { facts.nodeLabels[member.name] = member.value.string }
        return facts
    }

    /// `exitCodes`: of processes that are observed to have ended.
    var exitCodes: [String: Int] {
        Dictionary(
            uniqueKeysWithValues: (json?["exitCodes"]?.members ?? []).compactMap { member in
                member.value.int.map { (member.name, Int($0)) }
            })
    }

    /// `finished`: jobs that ended before the host was booted, with their exit codes; by the present manifests or, with
    /// a `*` before the name, by others.
    var finished: [(name: String, code: Int, isSame: Bool)] {
        (json?["finished"]?.members ?? []).map { member in
            let isSame = !member.name.hasPrefix("*")
            return (isSame ? member.name : String(member.name.dropFirst()), Int(member.value.int ?? 0), isSame)
        }
    }

    /// `fleet`: as ``FleetFacts`` has it; `claimed` by container and network, as `web/over`.
    private static func fleet(_ json: JSONValue) -> FleetFacts? {
        func addresses(_ value: JSONValue?) -> [IPAddress] {
            (value?.array ?? []).compactMap { $0.string.flatMap { IPAddress($0) } }
        }
        guard let node = json["node"]?.string else { return nil }
        var fleet = FleetFacts(node: node)
        fleet.nodes = (json["nodes"]?.members ?? []).compactMap { member in
            member.value.string.flatMap { IPAddress($0) }.map { FleetFacts.Node(name: member.name, tunnel: $0) }
        }
        for member in json["vnis"]?.members ?? [] { fleet.vnis[member.name] = member.value.int.map(UInt32.init) }
        for member in json["claimed"]?.members ?? [] {
            let names = member.name.split(separator: "/").map(String.init)
            let own = addresses(member.value)
            fleet.claimed[EndpointKey(container: names[0], network: names[1])] = EndpointFacts(
                ipv4: own.first { $0.family == .ipv4 }, ipv6: own.first { $0.family == .ipv6 })
        }
        for member in json["ingress"]?.members ?? [] { fleet.ingress[member.name] = addresses(member.value) }
        for member in json["remote"]?.members ?? [] {
            fleet.remote[member.name] = (member.value.array ?? []).compactMap { endpoint in
                guard let mac = endpoint["mac"]?.string.flatMap({ MACAddress($0) }),
                    let node = endpoint["node"]?.string
                else { return nil }
                return FleetFacts.RemoteEndpoint(
                    container: endpoint["container"]?.string, node: node,
                    addresses: addresses(endpoint["addresses"]), mac: mac,
                    isReady: endpoint["ready"]?.bool ?? true)
            }
        }
        for member in json["replicas"]?.members ?? [] {
            fleet.replicas[member.name] = (member.value.array ?? []).compactMap { $0.int.map(Int.init) }
        }
        return fleet
    }

    /// `ip filter FORWARD`.
    private static func chain(_ text: String) throws -> HostFirewall.Name {
        let words = text.split(separator: " ").map(String.init)
        try #require(words.count == 3)
        return HostFirewall.Name(family: words[0], table: words[1], chain: words[2])
    }

    private static func link(_ json: JSONValue) -> HostFacts.Link {
        HostFacts.Link(
            kind: json["kind"]?.string ?? "", mtu: Int(json["mtu"]?.int ?? 1500), isUp: json["isUp"]?.bool ?? true,
            isEthernet: json["isEthernet"]?.bool ?? true, portOf: json["portOf"]?.string,
            sitsOn: json["sitsOn"]?.string)
    }

    private func texts(_ name: String) -> [String] { json?[name]?.array?.compactMap(\.string) ?? [] }

    private static func port(_ json: JSONValue) throws -> PublishedPort {
        PublishedPort(
            address: nil, family: .ipv4, host: UInt16(try #require(json["host"]?.int)),
            container: UInt16(try #require(json["container"]?.int)), transport: .tcp)
    }

    private static func portOfAnotherSet(_ json: JSONValue) throws -> PortOfAnotherSet {
        let element = FirewallElement(name: try #require(json["port"]?.string))
        let port = try #require(element?.published)
        return PortOfAnotherSet(
            set: try #require(json["set"]?.string),
            resource: try #require(json["resource"]?.string.flatMap(ResourceID.init)),
            port: PublishedPort(
                address: port.address.flatMap { IPAddress($0) }, family: port.family, host: port.port, container: 80,
                transport: port.transport))
    }

    private static func listener(_ json: JSONValue) throws -> HostFacts.Listener {
        HostFacts.Listener(
            transport: try #require(json["protocol"]?.string.flatMap { TransportProtocol(rawValue: $0) }),
            address: try #require(json["address"]?.string.flatMap { IPAddress($0) }),
            port: UInt16(try #require(json["port"]?.int)), holder: try #require(json["holder"]?.string))
    }
}
