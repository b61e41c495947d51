import CLinux
import Model

/// Requests about the sockets of a namespace: `sock_diag(7)`, `net/ipv4/inet_diag.c`.
public enum SocketRequest {
    /// The sockets of a family and protocol (`IPPROTO_…`) that are in one of `states`; with a port, those that hold it:
    /// the kernel looks through UDP sockets by port (`net/ipv4/udp_diag.c`), through others only as a whole.
    public static func dump(
        family: IPAddress.Family, protocolNumber: UInt8, states: [SocketState], localPort: UInt16 = 0
    ) -> NetlinkRequest {
        NetlinkRequest(type: Int(SOCK_DIAG_BY_FAMILY), summary: "list sockets") { writer in
            writer.field(AddressFamily.byte(family))
            writer.field(protocolNumber)
            writer.field(UInt16(0))
            writer.field(states.reduce(UInt32(0)) { $0 | $1.mask })
            // `struct inet_diag_sockid` begins with the local port.
            writer.field(localPort.bigEndian)
            writer.zeros(MemoryLayout<inet_diag_sockid>.size - 2)
        }
    }
}
