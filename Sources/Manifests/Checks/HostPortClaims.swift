import Model

/// Who publishes which host port, so that ten thousand of them are looked up, not compared pair by pair.
struct HostPortClaims {
    struct Claim {
        let container: Int
        /// Its place in the container's ports.
        let port: Int
        let address: IPAddress?
    }

    private struct Key: Hashable {
        let transport: TransportProtocol
        let port: UInt16
        let address: IPAddress?
    }

    private let containers: [Container]
    /// By port alone.
    private var all: [Key: [Claim]] = [:]
    /// By port and address, as written: none, 0.0.0.0 and :: are keys too.
    private var byAddress: [Key: [Claim]] = [:]

    init(containers: [Container]) { self.containers = containers }

    mutating func add(_ port: UInt16, _ transport: TransportProtocol, _ claim: Claim) {
        all[Key(transport: transport, port: port, address: nil), default: []].append(claim)
        byAddress[Key(transport: transport, port: port, address: claim.address), default: []].append(claim)
    }

    /// The first claim to a port that cannot be had beside another one. No address is all of both families; 0.0.0.0 and
    /// :: are all of their own.
    func holder(of port: UInt16, _ transport: TransportProtocol, _ claim: Claim) -> Claim? {
        guard let address = claim.address else {
            return all[Key(transport: transport, port: port, address: nil)]?.first { meets($0, claim) }
        }
        if address.isUnspecified {
            return all[Key(transport: transport, port: port, address: nil)]?.first {
                ($0.address == nil || $0.address?.family == address.family) && meets($0, claim)
            }
        }
        let wider: [IPAddress?] = [address, IPAddress(family: address.family, bits: 0), nil]
        for address in wider {
            let key = Key(transport: transport, port: port, address: address)
            if let found = byAddress[key]?.first(where: { meets($0, claim) }) { return found }
        }
        return nil
    }

    private func meets(_ left: Claim, _ right: Claim) -> Bool {
        NodeSelectors.meet(containers[left.container].nodeSelector, containers[right.container].nodeSelector)
    }
}
