import CLinux

/// What is done with a packet: `RTN_…` of `linux/rtnetlink.h`.
public struct RouteKind: RawRepresentable, Hashable, Sendable {
    /// The kernel's number.
    public let rawValue: UInt8

    /// A kind from its number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    private init(_ kind: Int) { rawValue = UInt8(truncatingIfNeeded: kind) }

    /// Sent on.
    public static let unicast = RouteKind(RTN_UNICAST)
    /// Taken in.
    public static let local = RouteKind(RTN_LOCAL)
    /// Dropped in silence.
    public static let blackhole = RouteKind(RTN_BLACKHOLE)
    /// Dropped with "host unreachable".
    public static let unreachable = RouteKind(RTN_UNREACHABLE)
    /// Dropped with "administratively prohibited".
    public static let prohibit = RouteKind(RTN_PROHIBIT)
}

/// Who made a route: `RTPROT_…` of `linux/rtnetlink.h`. Numbers above 4 mean nothing to the kernel but 9.
public struct RouteProtocol: RawRepresentable, Hashable, Sendable {
    /// The number.
    public let rawValue: UInt8

    /// A protocol from its number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Any, in a filter.
    public static let unspecified = RouteProtocol(rawValue: UInt8(RTPROT_UNSPEC))
    /// The kernel: connected networks.
    public static let kernel = RouteProtocol(rawValue: UInt8(RTPROT_KERNEL))
    /// `ip route add` without a word.
    public static let boot = RouteProtocol(rawValue: UInt8(RTPROT_BOOT))
    /// An administrator.
    public static let administrator = RouteProtocol(rawValue: UInt8(RTPROT_STATIC))
    /// A router advertisement.
    public static let routerAdvertisement = RouteProtocol(rawValue: UInt8(RTPROT_RA))
}

/// Routing tables: `enum rt_class_t` of `linux/rtnetlink.h`.
public enum RouteTable {
    /// Where routes go unless told otherwise: 254.
    public static let main = RT_TABLE_MAIN.rawValue
    /// The host's own addresses: 255.
    public static let local = RT_TABLE_LOCAL.rawValue
}
