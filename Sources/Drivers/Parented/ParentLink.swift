import Model

/// What the links of a macvlan or ipvlan network sit on.
enum ParentLink: Hashable {
    /// A link that is not made for it: used as it is, and never removed.
    case existing(String)
    /// A VLAN that is made on a link (`eth0.10`) and goes with the last network that uses it.
    case vlan(VLANName)
    /// A bridge without ports, for a network without a parent. What is sent out by it goes nowhere, and it is in every
    /// kernel that runs containers; the links on it reach each other all the same.
    case standIn(String)

    /// The parent of a network. A VLAN is made only where nobody else has one of that name.
    static func of(_ network: Network, named name: String?, prefix: String, _ facts: HostFacts) -> ParentLink {
        guard let name else { return .standIn(standInName(network.metadata.name, prefix)) }
        if facts.links?[name] == nil, let vlan = VLANName(name) { return .vlan(vlan) }
        return .existing(name)
    }

    /// `mv-NETWORK`; a longer name keeps its beginning and gets a hash, as a bridge's.
    static func standInName(_ network: String, _ prefix: String) -> String {
        let name = "\(prefix)-\(network)"
        guard name.utf8.count > 15 else { return name }
        return String(name.prefix(9)) + "-" + StableHash.hex(network, digits: 5)
    }

    /// Its name.
    var name: String {
        switch self {
        case .existing(let name), .standIn(let name): name
        case .vlan(let vlan): vlan.description
        }
    }

    /// True where it is made by us for such networks alone.
    var isOurs: Bool { if case .existing = self { false } else { true } }

    /// The link of others that it comes to; its own name where there is none.
    var base: String { if case .vlan(let vlan) = self { vlan.base } else { name } }

    /// Bytes of the largest packet that it carries; `nil` where it is not known.
    func mtu(_ facts: HostFacts) -> Int? {
        switch self {
        case .existing(let name): facts.links?[name]?.mtu
        case .vlan(let vlan): facts.links?[vlan.base]?.mtu
        case .standIn: nil
        }
    }
}

/// The name of a VLAN's link: that of the link below, a dot, and the VLAN's number.
struct VLANName: Hashable, CustomStringConvertible {
    /// The link below.
    let base: String
    /// 1 to 4,094 (IEEE 802.1Q).
    let id: Int

    /// Reads `eth0.10`; `nil` for any other name.
    init?(_ name: String) {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let digits = name[name.index(after: dot)...]
        // The name must come out as it was written, so no zeros before the number.
        guard let id = UInt16(digits), (1...4094).contains(id), String(id) == digits else { return nil }
        base = String(name[..<dot])
        self.id = Int(id)
    }

    /// `eth0.10`.
    var description: String { "\(base).\(id)" }
}
