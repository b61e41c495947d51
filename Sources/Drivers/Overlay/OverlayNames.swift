import Model

/// The names and numbers that the overlay driver gives.
public enum OverlayNames {
    /// The vxlan of a network, `vx-NETWORK`; a longer name keeps its beginning and gets a hash, since the kernel allows
    /// 15 bytes (IFNAMSIZ less the NUL).
    static func vxlan(_ network: String) -> String {
        let name = "vx-\(network)"
        guard name.utf8.count > 15 else { return name }
        return String(name.prefix(9)) + "-" + StableHash.hex(network, digits: 5)
    }

    /// The VXLAN network identifier: asked for, by claim, or from the name, and then above those that people give by
    /// hand, as Docker does.
    static func vni(_ network: Network, _ facts: HostFacts) -> UInt32 {
        let name = network.metadata.name
        if let given = network.overlay.vni { return UInt32(truncatingIfNeeded: given) }
        if let claimed = facts.fleet?.vnis[name] { return claimed }
        return hashed(name)
    }

    /// Those that a network of a fleet may have: the one asked for, or a few that follow from its name.
    public static func candidates(_ network: Network) -> [UInt32] {
        if let given = network.overlay.vni { return [UInt32(truncatingIfNeeded: given)] }
        return (0..<16).map { hashed(network.metadata.name + ($0 == 0 ? "" : "/\($0)")) }
    }

    private static func hashed(_ name: String) -> UInt32 { 4096 + UInt32(StableHash.of(name) % (1 << 24 - 4096)) }

    /// The hardware address of a node's bridge on an overlay, which no other node's may have, though all have the
    /// gateway's address. It follows from what does not change: whoever is on the network keeps it in mind.
    ///
    /// Of its 48 bits 40 are the hash: among 10,000 nodes two have the same with a probability of 1 in 20,000.
    public static func bridgeMAC(_ network: String, node: String) -> MACAddress {
        MACAddress(bits: 0x06 << 40 | StableHash.of("bridge/\(network)/\(node)") & 0xff_ffff_ffff)
    }

    /// The hardware address of the vxlan itself, which nothing is sent to.
    static func vxlanMAC(_ network: String, _ context: DriverContext) -> MACAddress {
        let node = context.facts.fleet?.node ?? ""
        return MACAddress(bits: 0x0248 << 32 | StableHash.of("\(context.set)/\(network)/\(node)") & 0xffff_ffff)
    }
}
