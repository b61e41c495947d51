import Drivers
import Model
import Netlink
import Planning

/// Draws from an observation what drivers may know of the host.
struct FactsReader {
    let set: String
    let host: NamespaceSnapshot
    let observation: Observation
    /// What the firewall has of it.
    let firewall: Observation
    let endpoints: [EndpointKey: EndpointFacts]
    let subnets: [String: [IPPrefix]]

    func read() -> HostFacts {
        var facts = Self.surroundings(host, isOurs: isOurs)
        facts.routes = foreignRoutes()
        facts.links = Self.links(host, set)
        facts.addresses = Set(host.addresses.lazy.map(\.address.address))
        facts.hasIPv6Loopback = host.addresses.contains { $0.address.family == .ipv6 && $0.address.address.isLoopback }
        facts.ephemeralPorts = Self.ephemeralPorts()
        facts.reservedPorts = Self.reservedPorts()
        facts.endpoints = endpoints
        facts.subnets = subnets
        Self.readSubnets(firewall, into: &facts)
        facts.publishedPorts = publishedPorts()
        return facts
    }

    /// The facts that may change any time without us: uplinks, hooks of bridged packets, name servers.
    static func surroundings(_ host: NamespaceSnapshot, isOurs: (String) -> Bool) -> HostFacts {
        var facts = HostFacts()
        facts.uplinks = uplinks(host, isOurs)
        facts.bridgedIPv4PassesFirewall = flag("net/bridge/bridge-nf-call-iptables")
        facts.bridgedIPv6PassesFirewall = flag("net/bridge/bridge-nf-call-ip6tables")
        facts.resolver = ResolverFile.read()
        let servers = ResolverFile.servers()
        facts.names.upstream = servers ?? []
        facts.names.hasUpstream = servers.map { !$0.isEmpty } ?? false
        return facts
    }

    private static func flag(_ path: String) -> Bool { SmallFile.read("/proc/sys/\(path)") == "1" }

    private func isOurs(_ name: String) -> Bool {
        observation.objects[.link(name)] != nil && observation.foreign[.link(name)] == nil
    }

    /// Every link of the host that is not ours, is up and has an address of its own: packets for us may come in there.
    private static func uplinks(_ host: NamespaceSnapshot, _ isOurs: (String) -> Bool) -> [HostFacts.Uplink] {
        var addresses: [Int32: [IPAddress]] = [:]
        for message in host.addresses where message.scope == .universe {
            addresses[message.index, default: []].append(message.address.address)
        }
        let defaults = host.routes.filter(\.isDefault)
        let first = defaults.min { ($0.destination.family, $0.priority) < ($1.destination.family, $1.priority) }
        let advertised = Set(defaults.filter(\.isFromRouterAdvertisement).compactMap(\.outputIndex))
        return host.links.compactMap { link in
            let own = addresses[link.index] ?? []
            let isDefault = first?.outputIndex == link.index
            guard !link.isLoopback, link.isUp, link.group != Mark.linkGroup, !isOurs(link.name),
                !own.isEmpty || isDefault
            else { return nil }
            return HostFacts.Uplink(
                name: link.name, mtu: Int(link.mtu), hasIPv4: own.contains { $0.family == .ipv4 }, isDefault: isDefault,
                hasAdvertisedRoute: advertised.contains(link.index), addresses: own.sorted())
        }
    }

    private func foreignRoutes() -> [IPPrefix] {
        let ours = Set(host.links.filter { isOurs($0.name) }.map(\.index))
        return host.routes.filter { !$0.isDefault && !($0.outputIndex.map(ours.contains) ?? false) }.map(\.destination)
    }

    private func publishedPorts() -> [String: [PublishedPort]] {
        var ports: [String: [PublishedPort]] = [:]
        for object in firewall.objects.values {
            guard let (owner, port) = Self.published(object) else { continue }
            ports[owner.publisher, default: []].append(port)
        }
        return ports
    }

    /// The host port that an element of our maps stands for, and whose it is; `nil` for any other object.
    static func published(_ object: KernelObject) -> (owner: ResourceID, port: PublishedPort)? {
        guard object.id.kind == .firewall,
            object.id.name.hasPrefix("port ") || object.id.name.hasPrefix("service port "),
            let element = FirewallElement(name: object.id.name)?.published, let owner = object.owner,
            let target = object.string(.target), let inner = innerPort(target)
        else { return nil }
        return (
            owner,
            PublishedPort(
                address: element.address.flatMap { IPAddress($0) }, family: element.family, host: element.port,
                container: inner, transport: element.transport)
        )
    }

    /// The container's port in a target: of an address and port, or of the chain that a service's port leads to.
    private static func innerPort(_ target: String) -> UInt16? {
        if target.hasPrefix("goto ") { return BalanceChain(String(target.dropFirst(5)))?.port }
        return target.lastIndex(of: ":").flatMap { UInt16(target[target.index(after: $0)...]) }
    }

    private static func ephemeralPorts() -> ClosedRange<UInt16> {
        let words =
            SmallFile.read("/proc/sys/net/ipv4/ip_local_port_range")?.split(whereSeparator: \.isWhitespace) ?? []
        guard words.count == 2, let low = UInt16(words[0]), let high = UInt16(words[1]), low <= high else {
            return 32768...60999
        }
        return low...high
    }

    private static func reservedPorts() -> Set<UInt16> {
        var ports: Set<UInt16> = []
        for part in SmallFile.read("/proc/sys/net/ipv4/ip_local_reserved_ports")?.split(separator: ",") ?? [] {
            let ends = part.split(separator: "-").compactMap { UInt16($0) }
            if let low = ends.first, let high = ends.last, low <= high { ports.formUnion(low...high) }
        }
        return ports
    }
}
