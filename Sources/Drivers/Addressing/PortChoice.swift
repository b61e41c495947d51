import Model

/// Settles which host port each mapping gets, in which families.
struct PortChoice {
    private let facts: HostFacts
    private var taken: Set<Claim> = []
    /// The host ports that mappings without a fixed one have now, by container and index.
    private var kept: [String: [Int: UInt16]] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    private struct Claim: Hashable {
        let transport: TransportProtocol
        let port: UInt16
    }

    init(containers: [Container], facts: HostFacts) {
        self.facts = facts
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
        guard let current = facts.publishedPorts[container.metadata.name] else { return }
        let ordered = current.sorted { $0.host < $1.host }
        for (index, mapping) in container.ports.enumerated() where mapping.host?.count != 1 {
            let range = mapping.host ?? facts.ephemeralPorts
            let address = Self.boundAddress(mapping)
            let port = ordered.first { port in
                port.container == mapping.container && port.transport == mapping.transport && port.address == address
                    && range.contains(port.host)
                    && !taken.contains(Claim(transport: port.transport, port: port.host))
            }
            guard let port else { continue }
            taken.insert(Claim(transport: port.transport, port: port.host))
            kept[container.metadata.name, default: [:]][index] = port.host
        }
    }

    /// `0.0.0.0` and `::` mean any address of their family, as for Docker.
    private static func boundAddress(_ mapping: PortMapping) -> IPAddress? {
        mapping.address?.isUnspecified == true ? nil : mapping.address
    }

    /// The ports of a container in the families that it has.
    mutating func choose(_ container: Container, families: [IPAddress.Family]) -> [PublishedPort] {
        let current = facts.publishedPorts[container.metadata.name] ?? []
        var result: [PublishedPort] = []
        for (index, mapping) in container.ports.enumerated() {
            let wanted = IPAddress.Family.allCases.filter { family in
                families.contains(family) && (mapping.address == nil || mapping.address?.family == family)
            }
            guard isPossible(mapping, wanted, container, index),
                let port = hostPort(mapping, container, index)
            else { continue }
            for family in wanted {
                let published = PublishedPort(
                    address: Self.boundAddress(mapping), family: family, host: port, container: mapping.container,
                    transport: mapping.transport)
                // A port that is ours already is held by nobody else.
                if facts.listeners.isEmpty || current.contains(where: { isSameHostPort($0, published) })
                    || !isHeld(published, container, index)
                {
                    result.append(published)
                }
            }
        }
        return result
    }

    /// Whether a mapping can lead anywhere, with a word where it cannot.
    private mutating func isPossible(
        _ mapping: PortMapping, _ families: [IPAddress.Family], _ container: Container, _ index: Int
    ) -> Bool {
        let position = container.metadata.position(of: "ports[\(index)]")
        if mapping.address?.isLoopback == true, mapping.address?.family == .ipv6 {
            diagnostics.append(
                Diagnostic(
                    code: "not-supported", "publishing on [::1] is not supported by this version",
                    hint: "publish on 127.0.0.1: the kernel cannot translate ::1", resource: container.id,
                    position: position))
            return false
        }
        guard families.isEmpty else { return true }
        diagnostics.append(
            Diagnostic(
                .warning, code: "not-published",
                "port \(mapping.container)/\(mapping.transport.rawValue) is published nowhere: no network of this "
                    + "container has a way in for it",
                hint: "attach it to a network that is not internal and has an address of that family",
                resource: container.id, position: position))
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
            if facts.listeners.contains(where: { $0.port == port && $0.transport == mapping.transport }) { continue }
            if taken.insert(Claim(transport: mapping.transport, port: port)).inserted { return port }
        }
        diagnostics.append(
            Diagnostic(
                code: "no-free-port", "no host port is free between \(range.lowerBound) and \(range.upperBound)",
                resource: container.id, position: container.metadata.position(of: "ports[\(index)]")))
        return nil
    }

    private mutating func isHeld(_ port: PublishedPort, _ container: Container, _ index: Int) -> Bool {
        let holder = facts.listeners.first { listener in
            guard listener.port == port.host, listener.transport == port.transport else { return false }
            if listener.address.isUnspecified {
                return listener.address.family == port.family || listener.address.family == .ipv6
            }
            return listener.address.family == port.family
                && (port.address == nil ? !listener.address.isLoopback : listener.address == port.address)
        }
        guard let holder else { return false }
        diagnostics.append(
            Diagnostic(
                code: "port-in-use",
                "host port \(port.host)/\(port.transport.rawValue) is held by \(holder.holder)",
                hint: "stop that process or publish another host port", resource: container.id,
                position: container.metadata.position(of: "ports[\(index)]")))
        return true
    }
}
