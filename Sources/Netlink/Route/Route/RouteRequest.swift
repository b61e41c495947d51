import CLinux
import Model

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

    /// Removes a route. What is given must match, the protocol too: `.unspecified` matches any. A scope that is not
    /// given matches any.
    public static func delete(_ route: RouteSpecification) -> NetlinkRequest {
        var route = route
        if route.scope == nil { route.scope = .nowhere }
        return NetlinkRequest(type: Int(RTM_DELROUTE), summary: "delete route \(route)") { route.encode(into: &$0) }
    }
}
