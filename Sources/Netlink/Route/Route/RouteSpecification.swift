import CLinux
import Model

/// A route as it is asked for.
public struct RouteSpecification: Hashable, Sendable, CustomStringConvertible {
    /// Where to; 0.0.0.0/0 or ::/0 for the default route.
    public var destination: IPPrefix
    /// The next hop; of another family it is sent as `RTA_VIA`.
    public var gateway: IPAddress?
    /// The link it leaves by.
    public var outputIndex: Int32?
    /// The mark of who made it.
    public var routeProtocol: RouteProtocol
    /// What is done with the packet.
    public var kind: RouteKind
    /// How far the destination is; `nil`: what `ip route` would choose (link without a gateway, else universe).
    public var scope: RouteScope?
    /// The metric; 0: none (IPv6 then takes 1,024, and deletes any).
    public var priority: UInt32
    /// The table.
    public var table: UInt32
    /// The source address of what this host itself sends.
    public var preferredSource: IPAddress?
    /// Take the gateway to be on the link whatever the addresses say.
    public var isOnLink: Bool

    /// A route to `destination`.
    public init(
        _ destination: IPPrefix, gateway: IPAddress? = nil, outputIndex: Int32? = nil,
        routeProtocol: RouteProtocol = .boot, kind: RouteKind = .unicast, scope: RouteScope? = nil,
        priority: UInt32 = 0, table: UInt32 = RouteTable.main, preferredSource: IPAddress? = nil,
        isOnLink: Bool = false
    ) {
        self.destination = destination
        self.gateway = gateway
        self.outputIndex = outputIndex
        self.routeProtocol = routeProtocol
        self.kind = kind
        self.scope = scope
        self.priority = priority
        self.table = table
        self.preferredSource = preferredSource
        self.isOnLink = isOnLink
    }

    /// `10.1.0.0/16 via 10.0.0.1 on #3`.
    public var description: String {
        var text = destination.length == 0 ? "default" : "\(destination)"
        if let gateway { text += " via \(gateway)" }
        if let outputIndex { text += " on #\(outputIndex)" }
        return text
    }

    private var defaultScope: RouteScope {
        destination.family == .ipv6 || gateway != nil || kind != .unicast ? .universe : .link
    }

    /// Writes `struct rtmsg` and the attributes.
    func encode(into writer: inout MessageWriter) {
        writer.field(AddressFamily.byte(destination.family))
        writer.field(UInt8(destination.length))
        writer.field(UInt16(0))
        writer.field(table < 256 ? UInt8(table) : UInt8(RT_TABLE_UNSPEC.rawValue))
        writer.field(routeProtocol.rawValue)
        writer.field((scope ?? defaultScope).rawValue)
        writer.field(kind.rawValue)
        writer.field(isOnLink ? UInt32(RTNH_F_ONLINK) : 0)
        if destination.length > 0 { writer.attribute(RouteAttribute.destination, destination.first) }
        if let gateway {
            if gateway.family == destination.family {
                writer.attribute(RouteAttribute.gateway, gateway)
            } else {
                let family = UInt16(AddressFamily.byte(gateway.family))
                let bytes = withUnsafeBytes(of: family) { Array($0) } + gateway.bytes
                writer.attribute(RouteAttribute.via, bytes: bytes)
            }
        }
        if let outputIndex { writer.attribute(RouteAttribute.outputLink, outputIndex) }
        if let preferredSource { writer.attribute(RouteAttribute.preferredSource, preferredSource) }
        if priority != 0 { writer.attribute(RouteAttribute.priority, priority) }
        if table > 255 { writer.attribute(RouteAttribute.table, table) }
    }
}
