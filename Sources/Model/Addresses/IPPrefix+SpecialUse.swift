extension IPPrefix {
    /// What addresses in it are for that no network of a host can have (RFC 6890): "loopback", "multicast", …; `nil` where
    /// all can be used.
    public var specialUse: String? { Self.special.first { $0.range.overlaps(self) }?.use }

    private static let special: [(use: String, range: IPPrefix)] = [
        ("loopback", "127.0.0.0/8"), ("multicast", "224.0.0.0/4"), ("reserved", "240.0.0.0/4"),
        ("reserved", "0.0.0.0/8"), ("loopback", "::1/128"), ("multicast", "ff00::/8"),
        ("IPv4-mapped", "::ffff:0:0/96"), ("link-local", "fe80::/10"),
    ].compactMap { use, text in IPPrefix(text).map { (use, $0) } }

    /// Whether it is a link between two (RFC 3021, RFC 6164): then its first and last address are hosts' as well.
    public var isPointToPoint: Bool { family.bitWidth - length == 1 }

    /// The first address that a host can have: in a point-to-point subnet the first of all.
    public var firstHost: IPAddress { family.bitWidth - length < 2 ? first : first.advanced(by: 1) }

    /// The addresses in it that no host has: the network's own and the broadcast address of IPv4, the subnet-router
    /// anycast address of IPv6 (RFC 4291, 2.6.1).
    public var unassignable: [IPAddress] {
        guard family.bitWidth - length >= 2 else { return [] }
        return family == .ipv4 ? [first, last] : [first]
    }
}
