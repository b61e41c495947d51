/// An IPv4 or IPv6 address.
///
/// The bits are held as a number, so that neighbours, ranges and hashes are arithmetic. An IPv4 address uses the low
/// 32 bits.
public struct IPAddress: Hashable, Comparable, Sendable {
    /// The address family, numbered by its length so that IPv4 sorts before IPv6.
    public enum Family: UInt8, Hashable, Comparable, Sendable, CaseIterable {
        case ipv4 = 4
        case ipv6 = 6

        /// Bits in an address: 32 or 128.
        public var bitWidth: Int { self == .ipv4 ? 32 : 128 }

        /// IPv4 before IPv6.
        public static func < (left: Family, right: Family) -> Bool { left.rawValue < right.rawValue }
    }

    /// IPv4 or IPv6.
    public let family: Family
    /// The address as a number in host order.
    public let bits: UInt128

    /// An address from its number; bits above the family's width are dropped.
    public init(family: Family, bits: UInt128) {
        self.family = family
        self.bits = family == .ipv4 ? bits & 0xffff_ffff : bits
    }

    /// An IPv4 address from its 32-bit number in host order (0x7f000001 is 127.0.0.1).
    public init(v4 bits: UInt32) { self.init(family: .ipv4, bits: UInt128(bits)) }

    /// An address from 4 or 16 bytes in network order; `nil` for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var bits: UInt128 = 0
        for byte in bytes { bits = bits << 8 | UInt128(byte) }
        self.init(family: bytes.count == 4 ? .ipv4 : .ipv6, bits: bits)
    }

    /// The address in network order: 4 or 16 bytes.
    public var bytes: [UInt8] {
        let count = family.bitWidth / 8
        return (0..<count).map { UInt8(truncatingIfNeeded: bits >> UInt128((count - 1 - $0) * 8)) }
    }

    /// 127.0.0.0/8 or ::1.
    public var isLoopback: Bool { family == .ipv4 ? bits >> 24 == 127 : bits == 1 }

    /// 0.0.0.0 or `::`.
    public var isUnspecified: Bool { bits == 0 }

    /// 224.0.0.0/4 or ff00::/8.
    public var isMulticast: Bool { family == .ipv4 ? bits >> 28 == 0xe : bits >> 120 == 0xff }

    /// 169.254.0.0/16 or fe80::/10.
    public var isLinkLocal: Bool { family == .ipv4 ? bits >> 16 == 0xa9fe : bits >> 118 == 0xfe80 >> 6 }

    /// The address `offset` further on; wraps within the family.
    public func advanced(by offset: UInt128) -> IPAddress { IPAddress(family: family, bits: bits &+ offset) }

    /// IPv4 before IPv6, then by number.
    public static func < (left: IPAddress, right: IPAddress) -> Bool {
        left.family == right.family ? left.bits < right.bits : left.family < right.family
    }
}
