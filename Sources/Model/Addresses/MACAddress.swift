/// A 48-bit Ethernet address.
public struct MACAddress: Hashable, Sendable {
    /// The six bytes as a number, the first byte highest.
    public let bits: UInt64

    /// The low 48 bits of `bits`.
    public init(bits: UInt64) { self.bits = bits & 0xffff_ffff_ffff }

    /// Six bytes in wire order; `nil` for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 6 else { return nil }
        self.init(bits: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The six bytes in wire order.
    public var bytes: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: bits >> UInt64((5 - $0) * 8)) } }

    /// True for a group address, which no interface may have (IEEE 802: lowest bit of the first byte).
    public var isMulticast: Bool { bits >> 40 & 1 == 1 }

    /// The address that Docker, too, derives for an IPv4 endpoint: 02:42 and the four bytes. For IPv6, 02:43 and a hash.
    public init(derivedFrom address: IPAddress) {
        switch address.family {
        case .ipv4: self.init(bits: 0x0242 << 32 | UInt64(address.bits))
        case .ipv6: self.init(bits: 0x0243 << 32 | UInt64(StableHash.of(address.bytes) & 0xffff_ffff))
        }
    }
}

extension MACAddress: CustomStringConvertible, LosslessStringConvertible {
    /// Reads six hexadecimal pairs joined by colons; `nil` for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts.allSatisfy({ $0.utf8.count == 2 && !$0.hasPrefix("+") && !$0.hasPrefix("-") })
        else { return nil }
        let bytes = parts.compactMap { UInt8($0, radix: 16) }
        self.init(bytes: bytes)
    }

    /// Lower case, joined by colons.
    public var description: String {
        String(unsafeUninitializedCapacity: 17) { buffer in
            for index in 0..<17 {
                // Two digits and a colon for each byte.
                let digit = bits >> UInt64(44 - (index / 3 * 2 + index % 3) * 4) & 15
                buffer[index] =
                    index % 3 == 2 ? UInt8(ascii: ":") : UInt8(truncatingIfNeeded: digit < 10 ? 48 + digit : 87 + digit)
            }
            return 17
        }
    }
}
