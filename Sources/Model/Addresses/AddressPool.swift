/// Where subnets are chosen from: an address range, and the length of the subnets that are cut out of it, as Docker's
/// `default-address-pools` has them (`base` and `size`).
public struct AddressPool: Hashable, Sendable {
    /// The range; its host bits are zero.
    public let base: IPPrefix
    /// The prefix length of each subnet: at least that of the range, at most 31, or 127 for IPv6.
    public let size: Int

    /// A pool; `nil` where no subnet of that size fits into the range, or a subnet has no room for two, or no network can
    /// have these addresses.
    public init?(base: IPPrefix, size: Int) {
        guard base.isNetwork, size >= base.length, size < base.family.bitWidth, base.specialUse == nil else {
            return nil
        }
        self.base = base
        self.size = size
    }

    /// Docker's pools: 172.17 to 172.31 as /16, then 192.168.0.0/16 as /20.
    public static let docker: [AddressPool] = [
        "172.17.0.0/16:16", "172.18.0.0/15:16", "172.20.0.0/14:16", "172.24.0.0/13:16", "192.168.0.0/16:20",
    ].compactMap { AddressPool($0) }

    /// How many subnets it has; `.max` where that is more.
    public var count: UInt128 {
        let bits = size - base.length
        return bits > 127 ? .max : 1 << UInt128(bits)
    }

    /// The pools that choices are made from where a host has some of its own: Docker's for a family of which it has none.
    public static func effective(_ own: [AddressPool]) -> [AddressPool] {
        own + docker.filter { pool in !own.contains { $0.base.family == pool.base.family } }
    }

    /// Its first subnet that shares no address with what is `taken`.
    public func first(clearOf taken: [IPPrefix]) -> IPPrefix? {
        var candidate = IPPrefix(base.first, length: size)
        while true {
            guard let obstacle = taken.first(where: { $0.overlaps(candidate) }) else { return candidate }
            // Past the wider of both, in one step: a pool may have more subnets than anybody can count.
            let last = obstacle.contains(candidate) ? obstacle.last : candidate.last
            guard last < base.last else { return nil }
            candidate = IPPrefix(last.advanced(by: 1), length: size)
        }
    }
}

extension AddressPool: CustomStringConvertible, LosslessStringConvertible {
    /// Reads `BASE:SIZE`, such as `10.200.0.0/16:24` or `fd00:200::/48:64`; `nil` for anything else.
    public init?(_ description: String) {
        guard let colon = description.lastIndex(of: ":"), let base = IPPrefix(String(description[..<colon])) else {
            return nil
        }
        let digits = description[description.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let size = Int(digits) else {
            return nil
        }
        self.init(base: base, size: size)
    }

    /// `BASE:SIZE`.
    public var description: String { "\(base):\(size)" }
}
