import CLinux
import Model

/// A route: `RTM_NEWROUTE`, `struct rtmsg` and `RTA_…` of `linux/rtnetlink.h`.
public struct RouteMessage: Hashable, Sendable {
    /// Where to; 0.0.0.0/0 or ::/0 for the default route.
    public var destination: IPPrefix
    /// The table; 254 is main.
    public var table: UInt32
    /// Who made it.
    public var routeProtocol: RouteProtocol
    /// How far the destination is.
    public var scope: RouteScope
    /// What is done with the packet.
    public var kind: RouteKind
    /// `RTNH_F_…`.
    public var flags: UInt32
    /// The next hop; that of the first path where there are several.
    public var gateway: IPAddress?
    /// The link it leaves by; that of the first path where there are several.
    public var outputIndex: Int32?
    /// The metric: the lowest wins.
    public var priority: UInt32 = 0
    /// The source address of what this host itself sends.
    public var preferredSource: IPAddress?
    /// The number of paths that `RTA_MULTIPATH` holds; 0 for a plain route.
    public var pathCount = 0
    /// True where the route goes away by itself.
    public var expires = false

    /// The default route.
    public var isDefault: Bool { destination.length == 0 }
    /// The gateway is taken to be on the link whatever the addresses say.
    public var isOnLink: Bool { flags & UInt32(RTNH_F_ONLINK) != 0 }

    static let fixedSize = MemoryLayout<rtmsg>.size

    /// Reads what follows the message header; `nil` where it is too short or not of IPv4 or IPv6.
    public init?(_ payload: RawSpan) {
        guard let family = payload.u8().flatMap(AddressFamily.family), let length = payload.u8(at: 1),
            let table = payload.u8(at: 4), let origin = payload.u8(at: 5), let scope = payload.u8(at: 6),
            let kind = payload.u8(at: 7), let flags = payload.u32(at: 8)
        else { return nil }
        destination = IPPrefix(IPAddress(family: family, bits: 0), length: Int(length))
        self.table = UInt32(table)
        routeProtocol = RouteProtocol(rawValue: origin)
        self.scope = RouteScope(rawValue: scope)
        self.kind = RouteKind(rawValue: kind)
        self.flags = flags
        payload.forEachAttribute(from: Self.fixedSize) { decode($0, $1) }
    }

    private mutating func decode(_ type: Int, _ value: RawSpan) {
        switch type {
        case RouteAttribute.destination:
            guard let address = value.address, address.family == destination.family else { return }
            destination = IPPrefix(address, length: destination.length)
        case RouteAttribute.gateway, RouteAttribute.via, RouteAttribute.outputLink: decodeHop(type, value)
        case RouteAttribute.priority: priority = value.u32() ?? priority
        case RouteAttribute.preferredSource: preferredSource = value.address
        case RouteAttribute.table: table = value.u32() ?? table
        case RouteAttribute.multipath: decodePaths(value)
        case RouteAttribute.expires: expires = true
        // struct rta_cacheinfo: rta_expires is the third field.
        case RouteAttribute.cacheInfo: expires = expires || value.i32(at: 8) ?? 0 != 0
        default: break
        }
    }

    private mutating func decodeHop(_ type: Int, _ value: RawSpan) {
        switch type {
        case RouteAttribute.gateway: gateway = value.address
        // struct rtvia: a family, then an address of it (an IPv4 route by way of an IPv6 neighbour).
        case RouteAttribute.via:
            guard let family = value.u16(), let via = AddressFamily.family(UInt8(truncatingIfNeeded: family)) else {
                return
            }
            gateway = value.address(at: 2, family: via)
        case RouteAttribute.outputLink: outputIndex = value.i32()
        default: break
        }
    }

    /// `struct rtnexthop`: length, flags, hops, link; then attributes. The length counts them in.
    private mutating func decodePaths(_ value: RawSpan) {
        let fixed = MemoryLayout<rtnexthop>.size
        var position = 0
        while let length = value.u16(at: position).map(Int.init), length >= fixed,
            length <= value.byteCount - position
        {
            if pathCount == 0 {
                outputIndex = value.i32(at: position + 4)
                flags |= UInt32(value.u8(at: position + 2) ?? 0)
                value.extracting(position + fixed..<position + length).forEachAttribute { decodeHop($0, $1) }
            }
            pathCount += 1
            position += netlinkAlign(length)
        }
    }
}
