import CLinux
import Glibc
import Model

extension NetlinkSocket {
    /// The sockets that hold a port in the namespace of a `.socketDiagnostics` socket: TCP and SCTP ones that listen,
    /// UDP ones that are bound, connected or not.
    ///
    /// A protocol that the kernel lacks holds none. `port`, for UDP alone: the sockets that hold this one.
    public func boundSockets(
        family: IPAddress.Family, protocolNumber: UInt8, port: UInt16 = 0
    ) throws(NetlinkError) -> [SocketMessage] {
        let states: [SocketState] =
            Int32(protocolNumber) == Int32(IPPROTO_UDP) ? [.closed, .established] : [.listening]
        let request = SocketRequest.dump(
            family: family, protocolNumber: protocolNumber, states: states, localPort: port)
        do throws(NetlinkError) {
            return try dump(request) { header, payload in
                guard header.type == Int(SOCK_DIAG_BY_FAMILY), let socket = SocketMessage(payload),
                    socket.localPort != 0
                else { return nil }
                return socket
            }
        } catch {
            guard error.kind == .refused, error.errno == ENOENT else { throw error }
            return []
        }
    }
}
