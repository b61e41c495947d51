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

/// Requests about routes: `rtnetlink(7)`, `net/ipv4/fib_frontend.c`, `net/ipv6/route.c`.
public enum RouteRequest {
    /// The routes of a table (0: of all); only of a family or by one maker, where given.
    public static func dump(
        family: IPAddress.Family? = nil, table: UInt32 = RouteTable.main, routeProtocol: RouteProtocol = .unspecified
    ) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_GETROUTE), summary: "list routes") { writer in
            writer.field(AddressFamily.byte(family))
            writer.zeros(3)
            writer.field(table < 256 ? UInt8(table) : UInt8(RT_TABLE_UNSPEC.rawValue))
            writer.field(routeProtocol.rawValue)
            writer.zeros(6)
            if table > 255 { writer.attribute(RouteAttribute.table, table) }
        }
    }

    /// Adds a route; with `replace` in place of one to the same destination with the same priority.
    public static func add(_ route: RouteSpecification, replace: Bool = false) -> NetlinkRequest {
        let mode = NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL)
        return NetlinkRequest(type: Int(RTM_NEWROUTE), flags: mode, summary: "add route \(route)") {
            route.encode(into: &$0)
        }
    }

    /// Removes a route. What is given must match; a scope that is not given matches any.
    public static func delete(_ route: RouteSpecification) -> NetlinkRequest {
        var route = route
        if route.scope == nil { route.scope = .nowhere }
        return NetlinkRequest(type: Int(RTM_DELROUTE), summary: "delete route \(route)") { route.encode(into: &$0) }
    }
}
