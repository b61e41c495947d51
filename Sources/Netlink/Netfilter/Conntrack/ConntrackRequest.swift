import CLinux
import Model

/// Requests about tracked connections: `net/netfilter/nf_conntrack_netlink.c`. They need `CAP_NET_ADMIN`.
public enum ConntrackRequest {
    /// All connections, or those of a family.
    public static func dump(family: IPAddress.Family? = nil) -> NetlinkRequest {
        NetlinkRequest(type: ConntrackAttribute.message(IPCTNL_MSG_CT_GET), summary: "list connections") {
            header(family, into: &$0)
        }
    }

    /// Forgets a connection. With its id, a later connection of the same tuple is left alone.
    ///
    /// A tuple is always sent: without one the kernel forgets every connection there is.
    public static func delete(_ connection: ConntrackMessage) -> NetlinkRequest {
        let original = connection.original
        return NetlinkRequest(
            type: ConntrackAttribute.message(IPCTNL_MSG_CT_DELETE),
            summary: "forget connection \(original.source) to \(original.destination)"
        ) { writer in
            header(original.source.family, into: &writer)
            writer.nested(ConntrackAttribute.original) { original.encode(into: &$0) }
            if let id = connection.id { writer.attribute(ConntrackAttribute.id, bigEndian: id) }
            if connection.zone != 0 { writer.attribute(ConntrackAttribute.zone, bigEndian: connection.zone) }
        }
    }

    /// Writes `struct nfgenmsg`.
    private static func header(_ family: IPAddress.Family?, into writer: inout MessageWriter) {
        writer.field(AddressFamily.byte(family))
        writer.field(UInt8(NFNETLINK_V0))
        writer.field(UInt16(0))
    }
}
