import CLinux
import Model

/// Requests about addresses: `rtnetlink(7)`, `net/ipv4/devinet.c`, `net/ipv6/addrconf.c`.
public enum AddressRequest {
    /// All addresses; only of a family, a link, or another namespace by its id in this one, where given.
    public static func dump(
        family: IPAddress.Family? = nil, index: Int32? = nil, namespaceID: Int32? = nil
    ) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_GETADDR), summary: "list addresses") { writer in
            header(family: family, index: index ?? 0, into: &writer)
            if let namespaceID { writer.attribute(IFA_TARGET_NETNSID, namespaceID) }
        }
    }

    /// Adds an address, which must not exist yet; with `replace` an existing one gets the new flags and protocol.
    ///
    /// `broadcast` is for IPv4. `protocolNumber` marks who added it (Linux 5.18 and later).
    public static func add(
        _ address: IPPrefix, index: Int32, protocolNumber: UInt8 = 0, flags: AddressFlags = [],
        broadcast: IPAddress? = nil, scope: RouteScope = .universe, replace: Bool = false
    ) -> NetlinkRequest {
        let mode = NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL)
        return NetlinkRequest(type: Int(RTM_NEWADDR), flags: mode, summary: "add address \(address) to #\(index)") {
            body(address, index: index, scope: scope, into: &$0)
            if let broadcast { $0.attribute(IFA_BROADCAST, broadcast) }
            if !flags.isEmpty { $0.attribute(IFA_FLAGS, flags.rawValue) }
            if protocolNumber != 0 { $0.attribute(IFA_PROTO, protocolNumber) }
        }
    }

    /// Removes an address.
    public static func delete(_ address: IPPrefix, index: Int32) -> NetlinkRequest {
        NetlinkRequest(type: Int(RTM_DELADDR), summary: "delete address \(address) from #\(index)") {
            body(address, index: index, scope: .universe, into: &$0)
        }
    }

    private static func body(_ address: IPPrefix, index: Int32, scope: RouteScope, into writer: inout MessageWriter) {
        header(family: address.family, length: address.length, scope: scope, index: index, into: &writer)
        writer.attribute(IFA_LOCAL, address.address)
        writer.attribute(IFA_ADDRESS, address.address)
    }

    /// Writes `struct ifaddrmsg`.
    private static func header(
        family: IPAddress.Family?, length: Int = 0, scope: RouteScope = .universe, index: Int32,
        into writer: inout MessageWriter
    ) {
        writer.field(AddressFamily.byte(family))
        writer.field(UInt8(length))
        writer.field(UInt8(0))
        writer.field(scope.rawValue)
        writer.field(index)
    }
}
