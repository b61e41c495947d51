import Model

/// A host port is published once: per protocol, and per address unless one of them is for all addresses.
enum HostPortRule {
    /// Ports that all ranges together are looked up in: what lies beyond is found when it is applied.
    private static let rangeBudget = 4_000_000

    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        var claims = HostPortClaims(containers: index.publishers)
        for (number, container) in index.publishers.enumerated()
        where index.isPlaced(container) {
            let binding = index.hostBinding(of: container)
            for (place, mapping) in container.ports.enumerated() {
                guard let host = mapping.host, host.count == 1 else { continue }
                let claim = HostPortClaims.Claim(container: number, port: place, address: mapping.address ?? binding)
                if let other = claims.holder(of: host.lowerBound, mapping.transport, claim) {
                    report("\(host.lowerBound)/\(mapping.transport.rawValue)", claim, other, index, &findings)
                }
                claims.add(host.lowerBound, mapping.transport, claim)
            }
        }
        checkRanges(index, claims, &findings)
    }

    /// A range of which the first free port is taken is wrong only where none is left.
    private static func checkRanges(_ index: ResourceIndex, _ claims: HostPortClaims, _ findings: inout Findings) {
        var budget = rangeBudget
        for (number, container) in index.publishers.enumerated()
        where index.isPlaced(container) {
            let binding = index.hostBinding(of: container)
            for (place, mapping) in container.ports.enumerated() {
                guard let host = mapping.host, host.count > 1, budget > 0 else { continue }
                let claim = HostPortClaims.Claim(container: number, port: place, address: mapping.address ?? binding)
                let free = host.first { port in
                    budget -= 1
                    return claims.holder(of: port, mapping.transport, claim) == nil
                }
                guard free == nil else { continue }
                let range = "\(host.lowerBound)-\(host.upperBound)/\(mapping.transport.rawValue)"
                findings.report(
                    "duplicate-host-port", "every host port of \(range) is published already",
                    hint: "choose another range", container, at: "ports[\(place)]")
            }
        }
    }

    private static func report(
        _ port: String, _ claim: HostPortClaims.Claim, _ other: HostPortClaims.Claim, _ index: ResourceIndex,
        _ findings: inout Findings
    ) {
        let holder = index.publishers[other.container]
        let place = holder.metadata.position(of: "ports[\(other.port)]").map { " at \($0)" } ?? ""
        let own = index.publishers[claim.container].id.described
        let who = holder.id.described == own ? "the same \(own.kind.rawValue) has it" : "\(holder.id.described) has it"
        findings.report(
            "duplicate-host-port", "the host port \(port) is published twice",
            hint: "\(who)\(place); choose another port, or another address for each", index.publishers[claim.container],
            at: "ports[\(claim.port)]")
    }
}

extension ResourceIndex {
    /// Where a container's ports are published that name no address; `nil`: on all of them, or on which is not clear.
    fileprivate func hostBinding(of container: Container) -> IPAddress? {
        guard !container.ports.isEmpty, container.networks.count == 1 else { return nil }
        return network[container.networks[0].network]?.bridge.hostBinding
    }
}
