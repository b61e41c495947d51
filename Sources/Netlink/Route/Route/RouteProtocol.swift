import CLinux

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
