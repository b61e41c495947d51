import Model

/// A host port is published once: per protocol, and per address unless one of them is for all addresses.
enum HostPortRule {
    private struct Key: Hashable {
        let transport: TransportProtocol
        let port: UInt16
    }

    private struct Claim {
        let container: Int
        let port: Int
        let address: IPAddress?
    }

    static func check(_ index: ResourceIndex, _ findings: inout Findings) {
        var claims: [Key: [Claim]] = [:]
        for (number, container) in index.containers.enumerated() {
            for (place, mapping) in container.ports.enumerated() {
                guard let host = mapping.host, host.count == 1 else { continue }
                let key = Key(transport: mapping.transport, port: host.lowerBound)
                let claim = Claim(container: number, port: place, address: mapping.address)
                if let other = holder(of: key, claim, claims, index) { report(key, claim, other, index, &findings) }
                claims[key, default: []].append(claim)
            }
        }
        checkRanges(index, claims, &findings)
    }

    /// A range of which the first free port is taken is wrong only where none is left.
    private static func checkRanges(_ index: ResourceIndex, _ claims: [Key: [Claim]], _ findings: inout Findings) {
        for (number, container) in index.containers.enumerated() {
            for (place, mapping) in container.ports.enumerated() {
                guard let host = mapping.host, host.count > 1 else { continue }
                let claim = Claim(container: number, port: place, address: mapping.address)
                let isFull = host.allSatisfy { port in
                    holder(of: Key(transport: mapping.transport, port: port), claim, claims, index) != nil
                }
                guard isFull else { continue }
                findings.report(
                    "duplicate-host-port",
                    "every host port of \(host.lowerBound)-\(host.upperBound)/\(mapping.transport.rawValue) is published already",
                    hint: "choose another range", container, at: "ports[\(place)]")
            }
        }
    }

    private static func holder(of key: Key, _ claim: Claim, _ claims: [Key: [Claim]], _ index: ResourceIndex) -> Claim?
    {
        claims[key]?.first { other in
            overlap(other.address, claim.address)
                && NodeSelectors.meet(
                    index.containers[other.container].nodeSelector, index.containers[claim.container].nodeSelector)
        }
    }

    /// No address is all of both families; 0.0.0.0 and :: are all of their own.
    private static func overlap(_ left: IPAddress?, _ right: IPAddress?) -> Bool {
        guard let left, let right else { return true }
        return left == right || (left.family == right.family && (left.isUnspecified || right.isUnspecified))
    }

    private static func report(
        _ key: Key, _ claim: Claim, _ other: Claim, _ index: ResourceIndex, _ findings: inout Findings
    ) {
        let holder = index.containers[other.container]
        let place = holder.metadata.position(of: "ports[\(other.port)]").map { " at \($0)" } ?? ""
        let who = other.container == claim.container ? "the same container has it" : "\(holder.id) has it"
        findings.report(
            "duplicate-host-port", "the host port \(key.port)/\(key.transport.rawValue) is published twice",
            hint: "\(who)\(place); choose another port, or another address for each", index.containers[claim.container],
            at: "ports[\(claim.port)]")
    }
}
