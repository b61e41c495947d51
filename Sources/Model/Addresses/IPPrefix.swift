/// An address with a prefix length: a subnet (`10.20.0.0/24`) or an address on a link (`10.20.0.1/24`).
public struct IPPrefix: Hashable, Comparable, Sendable {
    /// The address as written; its host bits may be set.
    public let address: IPAddress
    /// Leading bits that name the network: 0 to 32 or 128.
    public let length: Int

    /// A prefix; `length` is held to the family's width.
    public init(_ address: IPAddress, length: Int) {
        self.address = address
        self.length = min(max(length, 0), address.family.bitWidth)
    }

    private var hostBits: UInt128 {
        let width = address.family.bitWidth - length
        return width == 128 ? .max : (1 << UInt128(width)) - 1
    }

    /// IPv4 or IPv6.
    public var family: IPAddress.Family { address.family }
    /// The subnet that holds the address: host bits zero.
    public var network: IPPrefix { IPPrefix(first, length: length) }
    /// True where no host bit is set.
    public var isNetwork: Bool { address == first }
    /// The lowest address.
    public var first: IPAddress { IPAddress(family: family, bits: address.bits & ~hostBits) }
    /// The highest address: the broadcast address of an IPv4 subnet up to /30.
    public var last: IPAddress { IPAddress(family: family, bits: address.bits | hostBits) }

    /// How many addresses it holds; `.max` for ::/0.
    public var count: UInt128 { hostBits == .max ? .max : hostBits + 1 }

    /// True where `other` lies within.
    public func contains(_ other: IPAddress) -> Bool { other.family == family && other >= first && other <= last }

    /// True where all of `other` lies within.
    public func contains(_ other: IPPrefix) -> Bool { other.length >= length && contains(other.address) }

    /// True where the two share an address.
    public func overlaps(_ other: IPPrefix) -> Bool { contains(other.first) || other.contains(first) }

    /// By address, the wider first.
    public static func < (left: IPPrefix, right: IPPrefix) -> Bool {
        left.address == right.address ? left.length < right.length : left.address < right.address
    }
}

extension IPPrefix: CustomStringConvertible, LosslessStringConvertible {
    /// Reads `ADDRESS/LENGTH`; `nil` for anything else.
    public init?(_ description: String) {
        guard let slash = description.utf8.firstIndex(of: UInt8(ascii: "/")),
            let address = IPAddress(String(description[..<slash]))
        else { return nil }
        let digits = description[description.index(after: slash)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
            digits == "0" || !digits.hasPrefix("0"),
            let length = Int(digits), length <= address.family.bitWidth
        else { return nil }
        self.init(address, length: length)
    }

    /// `ADDRESS/LENGTH`.
    public var description: String { "\(address)/\(length)" }
}
