import Model

/// What can be held by one at a time in a fleet.
public enum ClaimKey: Hashable, Sendable {
    /// An address of an overlay network: of an endpoint, or of a node as the source of its ingress.
    case address(network: String, IPAddress)
    /// The right to say which VNI a network has. Taken together with ``vni``.
    case network(String)
    /// A VXLAN network identifier, 24 bits (RFC 7348).
    case vni(UInt32)
    /// A replica of a service, from 1.
    case replica(service: String, Int)
    /// One of the turns that a rollout has: who holds it may be changing.
    case turn(Int)
    /// One of the turns of a service, from 1: the replica whose node holds it may be taken away for an update.
    case update(service: String, Int)

    /// Whether it ends with the lease of the node that holds it. Replicas and turns do: others take them when the node is
    /// dead. Addresses and VNIs do not: they are kept until they are released.
    public var endsWithLease: Bool {
        switch self {
        case .replica, .turn, .update: true
        case .address, .network, .vni: false
        }
    }

    /// The key in etcd, below the fleet's prefix.
    var path: String {
        switch self {
        case .address(let network, let address): "claims/addresses/\(network)/\(address)"
        case .network(let name): "claims/networks/\(name)"
        case .vni(let number): "claims/vnis/\(number)"
        case .replica(let service, let number): "claims/replicas/\(service)/\(number)"
        case .turn(let number): "rollout/turns/\(number)"
        case .update(let service, let number): "claims/updates/\(service)/\(number)"
        }
    }

    /// Reads a path; `nil` for what this version does not know.
    init?(path: [Substring]) {
        switch (path.first, path.dropFirst().first, path.count) {
        case ("claims", "addresses", 4):
            guard let address = IPAddress(String(path[3])) else { return nil }
            self = .address(network: String(path[2]), address)
        case ("claims", "networks", 3): self = .network(String(path[2]))
        case ("claims", "vnis", 3):
            guard let number = UInt32(path[2]) else { return nil }
            self = .vni(number)
        case ("claims", "replicas", 4):
            guard let number = Int(path[3]) else { return nil }
            self = .replica(service: String(path[2]), number)
        case ("claims", "updates", 4):
            guard let number = Int(path[3]) else { return nil }
            self = .update(service: String(path[2]), number)
        case ("rollout", "turns", 3):
            guard let number = Int(path[2]) else { return nil }
            self = .turn(number)
        default: return nil
        }
    }
}

extension ClaimKey: CustomStringConvertible {
    /// As messages name it.
    public var description: String {
        switch self {
        case .address(let network, let address): "address \(address) of network \(network)"
        case .network(let name): "network \(name)"
        case .vni(let number): "VNI \(number)"
        case .replica(let service, let number): "replica \(service).\(number)"
        case .turn(let number): "turn \(number) of the rollout"
        case .update(let service, let number): "turn \(number) of the update of service \(service)"
        }
    }
}
