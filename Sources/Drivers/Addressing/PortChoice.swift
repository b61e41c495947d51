import Model

/// Settles which host port each mapping gets, in which families.
struct PortChoice {
    private let facts: HostFacts
    private let holders: HostPortHolders
    private let missing: MissingHostAddress
    private var taken: Set<Claim> = []
    /// The host ports that mappings without a fixed one have now, by container and index.
    private var kept: [String: [Int: UInt16]] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    private struct Claim: Hashable {
        let transport: TransportProtocol
        let port: UInt16
    }

    init(containers: [Container], networks: [String: ResolvedNetwork] = [:], facts: HostFacts) {
        self.facts = facts
        holders = HostPortHolders(facts)
        missing = MissingHostAddress(facts, networks)
        var floating: [Int] = []
        for index in containers.indices {
            for port in containers[index].ports {
                guard let host = port.host, host.count == 1 else {
                    if floating.last != index { floating.append(index) }
                    continue
                }
                taken.insert(Claim(transport: port.transport, port: host.lowerBound))
            }
        }
        // Before anybody is given a new one, so that nobody is given what another one has.
        for index in floating { keep(containers[index]) }
    }

    private mutating func keep(_ container: Container) {
        let name = container.metadata.name
        let containerPorts = container.ports
        // What is remembered comes after what is seen, and only where nobody has taken it meanwhile.
        let remembered = (facts.rememberedPorts[name] ?? []).filter { !holders.holdsAny($0.host, $0.transport) }
        let ordered =
            (facts.publishedPorts[name] ?? []).sorted { $0.host < $1.host } + remembered.sorted { $0.host < $1.host }
        guard !ordered.isEmpty else { return }
        for (index, mapping) in container.ports.enumerated() where mapping.host?.count != 1 {
            let range = mapping.host ?? facts.ephemeralPorts
            let address = Self.boundAddress(mapping)
            // One that names no address keeps its port when its network gets another one.
            func isAt(_ other: IPAddress?) -> Bool {
                other == address
                    || mapping.address == nil && !containerPorts.contains { Self.boundAddress($0) == other }
            }
            let port = ordered.first { port in
                port.container == mapping.container && port.transport == mapping.transport && isAt(port.address)
                    && range.contains(port.host)
                    && !taken.contains(Claim(transport: port.transport, port: port.host))
            }
            guard let port else { continue }
            taken.insert(Claim(transport: port.transport, port: port.host))
            kept[name, default: [:]][index] = port.host
        }
    }

    /// `0.0.0.0` and `::` mean any address of their family, as for Docker.
    private static func boundAddress(_ mapping: PortMapping) -> IPAddress? {
        mapping.address?.isUnspecified == true ? nil : mapping.address
    }

    /// A family in which a container can be reached, and what its network there has for ports.
    struct Way {
        let family: IPAddress.Family
        /// Published on the host's addresses: not so where the network is routed.
        let usesHostPorts: Bool
        /// Where ports are published that name no address.
        let binding: IPAddress?

        init(family: IPAddress.Family, options: BridgeOptions?) {
            self.family = family
            usesHostPorts = options?.gatewayMode[family] != .routed
            binding = options?.hostBinding
        }

        /// A way to the replicas of a service, which is always by the host's ports.
        init(serviceIn family: IPAddress.Family, options: BridgeOptions?) {
            self.family = family
            usesHostPorts = true
            binding = options?.hostBinding
        }
    }

    /// The ports of a container in the families that it has.
    mutating func choose(_ container: Container, leading: [Way]) -> [PublishedPort] {
        var result: [PublishedPort] = []
        for (index, mapping) in container.ports.enumerated() {
            let bound = Self.bound(mapping, leading)
            guard let mapping = bound.first(where: { !$0.families.isEmpty })?.mapping ?? bound.first?.mapping,
                isPossible(mapping, bound.flatMap(\.families), container, index),
                let port = hostPort(mapping, container, index)
            else { continue }
            noteMissing(mapping, container, index)
            for (mapping, families) in bound {
                for family in families {
                    let published = PublishedPort(
                        address: Self.boundAddress(mapping), family: family, host: port, container: mapping.container,
                        transport: mapping.transport)
                    let usesHost =
                        published.isLoopback6 || leading.first { $0.family == family }?.usesHostPorts != false
                    if !usesHost || isFree(published, container, index) { result.append(published) }
                }
            }
        }
        return result
    }

    /// A mapping with the address that it has by its networks, and the families that it is published in there.
    private static func bound(
        _ mapping: PortMapping, _ leading: [Way]
    ) -> [(mapping: PortMapping, families: [IPAddress.Family])] {
        guard mapping.address == nil, leading.contains(where: { $0.binding != nil }) else {
            return [(mapping, families(of: mapping, leading.map(\.family)))]
        }
        var result: [(mapping: PortMapping, families: [IPAddress.Family])] = []
        for way in leading {
            var own = mapping
            own.address = way.binding
            // ::1 is served in either family, once.
            if isLoopback6(own), result.contains(where: { isLoopback6($0.mapping) }) { continue }
            result.append((own, families(of: own, [way.family])))
        }
        return result
    }

    /// The families that a mapping is published in. One on ::1 is forwarded to whichever the container has.
    private static func families(
        of mapping: PortMapping, _ families: [IPAddress.Family]
    ) -> [IPAddress.Family] {
        if isLoopback6(mapping) { return families.isEmpty ? [] : [.ipv6] }
        return IPAddress.Family.allCases.filter { family in
            families.contains(family) && (mapping.address == nil || mapping.address?.family == family)
        }
    }

    private static func isLoopback6(_ mapping: PortMapping) -> Bool {
        mapping.address.map { $0.family == .ipv6 && $0.isLoopback } ?? false
    }

    /// Whether a mapping can lead anywhere, with a word where it cannot.
    private mutating func isPossible(
        _ mapping: PortMapping, _ families: [IPAddress.Family], _ container: Container, _ index: Int
    ) -> Bool {
        let position = container.metadata.position(of: "ports[\(index)]")
        if Self.isLoopback6(mapping), mapping.transport == .sctp || !facts.hasIPv6Loopback {
            diagnostics.append(
                facts.hasIPv6Loopback
                    ? Diagnostic(
                        code: "not-supported", "sctp cannot be published on [::1]",
                        hint: "the kernel cannot translate ::1, and the forwarder serves tcp and udp",
                        resource: container.id.described, position: position)
                    : Diagnostic(
                        code: "no-loopback", "the host has no address ::1 to publish on",
                        hint: "IPv6 is turned off on lo: sysctl net.ipv6.conf.lo.disable_ipv6=0",
                        resource: container.id.described, position: position))
            return false
        }
        guard families.isEmpty else { return true }
        diagnostics.append(
            Diagnostic(
                .warning, code: "not-published",
                "port \(mapping.container)/\(mapping.transport.rawValue) is published nowhere: no network of this "
                    + "\(container.id.described.kind.rawValue) has a way in for it",
                hint: "attach it to a network that is not internal and has an address of that family",
                resource: container.id.described, position: position))
        return false
    }

    private func isSameHostPort(_ left: PublishedPort, _ right: PublishedPort) -> Bool {
        left.host == right.host && left.transport == right.transport && left.family == right.family
            && left.address == right.address
    }

    private mutating func hostPort(
        _ mapping: PortMapping, _ container: Container, _ index: Int
    ) -> UInt16? {
        if let host = mapping.host, host.count == 1 { return host.lowerBound }
        let range = mapping.host ?? facts.ephemeralPorts
        if let port = kept[container.metadata.name]?[index] { return port }
        let hash = StableHash.of("\(container.metadata.name)/\(mapping.container)/\(mapping.transport.rawValue)")
        let start = mapping.host == nil ? Int(hash % UInt64(range.count)) : 0
        for step in 0..<range.count {
            let port = range.lowerBound + UInt16((start + step) % range.count)
            if mapping.host == nil, facts.reservedPorts.contains(port) { continue }
            if holders.holdsAny(port, mapping.transport) { continue }
            if taken.insert(Claim(transport: mapping.transport, port: port)).inserted { return port }
        }
        diagnostics.append(
            Diagnostic(
                code: "no-free-port", "no host port is free between \(range.lowerBound) and \(range.upperBound)",
                resource: container.id.described, position: container.metadata.position(of: "ports[\(index)]")))
        return nil
    }

    /// Whether a port can be had, with a word where somebody holds it.
    private mutating func isFree(_ port: PublishedPort, _ container: Container, _ index: Int) -> Bool {
        guard !holders.isEmpty else { return true }
        let isOurs = facts.publishedPorts[container.metadata.name]?.contains { isSameHostPort($0, port) } ?? false
        if let other = holders.set(at: port) {
            // Where both have it already, taking it away would only be another surprise.
            report(port, "published by \(other.holder)", "publish another host port", container, index, isOurs: isOurs)
            return isOurs
        }
        guard let holder = holders.process(at: port, isOurs: isOurs) else { return true }
        report(
            port, "held by \(holder.holder)", "stop that process or publish another host port", container, index,
            isOurs: false)
        return false
    }

    private mutating func report(
        _ port: PublishedPort, _ how: String, _ hint: String, _ container: Container, _ index: Int, isOurs: Bool
    ) {
        let text = "host port \(port.host)/\(port.transport.rawValue) is \(how)"
        diagnostics.append(
            Diagnostic(
                isOurs ? .warning : .error, code: "port-in-use",
                isOurs ? text + ", too: which of the two is reached is not certain" : text, hint: hint,
                resource: container.id.described, position: container.metadata.position(of: "ports[\(index)]")))
    }

    /// A word about an address that the manifest names for a port, and the host lacks.
    private mutating func noteMissing(_ mapping: PortMapping, _ container: Container, _ index: Int) {
        guard let address = mapping.address, missing.isMissing(address),
            container.ports.indices.contains(index), container.ports[index].address == address
        else { return }
        diagnostics.append(
            missing.diagnostic(
                address, "port \(mapping.container)/\(mapping.transport.rawValue)", of: container.id.described,
                at: container.metadata.position(of: "ports[\(index)]")))
    }
}
