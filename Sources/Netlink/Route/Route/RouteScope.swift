import CLinux

/// How far a destination is: `enum rt_scope_t` of `linux/rtnetlink.h`.
public struct RouteScope: RawRepresentable, Hashable, Sendable {
    /// The kernel's number: the higher, the nearer.
    public let rawValue: UInt8

    /// A scope from its number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    private init(_ scope: rt_scope_t) { rawValue = UInt8(truncatingIfNeeded: scope.rawValue) }

    /// Anywhere.
    public static let universe = RouteScope(RT_SCOPE_UNIVERSE)
    /// On the link.
    public static let link = RouteScope(RT_SCOPE_LINK)
    /// On this host.
    public static let host = RouteScope(RT_SCOPE_HOST)
    /// Nowhere: to delete, any scope.
    public static let nowhere = RouteScope(RT_SCOPE_NOWHERE)
}
