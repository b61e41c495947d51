import CLinux
import Glibc
import Model

extension NetlinkSocket {
    /// The routes of a table. See ``RouteRequest/dump(family:table:routeProtocol:)``.
    ///
    /// A table that does not exist has no routes: a new namespace has no main table before its first address.
    public func routes(
        family: IPAddress.Family? = nil, table: UInt32 = RouteTable.main, routeProtocol: RouteProtocol = .unspecified
    ) throws(NetlinkError) -> [RouteMessage] {
        let request = RouteRequest.dump(family: family, table: table, routeProtocol: routeProtocol)
        do throws(NetlinkError) {
            return try dump(request) { header, payload in
                header.type == Int(RTM_NEWROUTE) ? RouteMessage(payload) : nil
            }
        } catch {
            guard error.kind == .refused, error.errno == ENOENT else { throw error }
            return []
        }
    }
}
