import Model

/// Who holds what, by key. Addresses are kept by network, so that a change of one copies what one network has, whatever
/// there is besides.
public struct ClaimTable: Hashable, Sendable {
    /// The claimed addresses of each network.
    public private(set) var addresses: [String: [IPAddress: Claim]] = [:]
    private var others: [ClaimKey: Claim] = [:]

    /// A table without claims.
    public init() {}

    /// Who holds something; `nil` where nobody does.
    public internal(set) subscript(key: ClaimKey) -> Claim? {
        get {
            guard case .address(let network, let address) = key else { return others[key] }
            return addresses[network]?[address]
        }
        set {
            guard case .address(let network, let address) = key else {
                others[key] = newValue
                return
            }
            addresses[network, default: [:]][address] = newValue
            if addresses[network]?.isEmpty == true { addresses[network] = nil }
        }
    }

    /// All of them, in no order.
    public var values: [Claim] { addresses.values.flatMap(\.values) + Array(others.values) }

    /// The VNIs of networks, by name.
    public var vnis: [String: UInt32] {
        Dictionary(
            others.values.lazy.compactMap { claim in
                guard case .network(let name) = claim.key, let vni = claim.vni else { return nil }
                return (name, vni)
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Who runs which replicas, in no order.
    public var replicas: [Claim] {
        others.values.filter { if case .replica = $0.key { true } else { false } }
    }

    /// Who has which turn of the rollout, by its number.
    public var turns: [Int: Claim] {
        var turns: [Int: Claim] = [:]
        for (key, claim) in others { if case .turn(let number) = key { turns[number] = claim } }
        return turns
    }

    /// Who may take away replicas of a service for an update, by the turn's number.
    public func updates(of service: String) -> [Int: Claim] {
        var found: [Int: Claim] = [:]
        for (key, claim) in others { if case .update(service, let number) = key { found[number] = claim } }
        return found
    }

    /// How many there are.
    public var count: Int { addresses.values.reduce(others.count) { $0 + $1.count } }

    /// Whether there is none.
    public var isEmpty: Bool { addresses.isEmpty && others.isEmpty }
}
