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
