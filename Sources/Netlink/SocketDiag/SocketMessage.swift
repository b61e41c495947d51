import CLinux
import Model

/// A socket that some process has open: `struct inet_diag_msg` of `linux/inet_diag.h`.
public struct SocketMessage: Hashable, Sendable {
    /// The state of a TCP socket; a UDP socket is closed, or established once connected (`net/tcp_states.h`).
    public var state: SocketState
    /// The address it is bound to; 0.0.0.0 or :: for any.
    public var localAddress: IPAddress
    /// The port it is bound to; 0 for none.
    public var localPort: UInt16
    /// The link it is bound to; 0 for any.
    public var boundLink: UInt32
    /// The number in `/proc/PID/fd`'s `socket:[…]`, by which the process is found.
    public var inode: UInt32
    /// The user that opened it.
    public var userID: UInt32
    /// For IPv6: true where it takes no IPv4 (`IPV6_V6ONLY`). `nil`: not said.
    public var isIPv6Only: Bool?

    static let fixedSize = MemoryLayout<inet_diag_msg>.size

    /// Reads what follows the message header; `nil` where it is too short or not of IPv4 or IPv6.
    ///
    /// `struct inet_diag_sockid` starts at byte 4: ports, two addresses of 16 bytes each, link, cookie.
    public init?(_ payload: RawSpan) {
        guard payload.byteCount >= Self.fixedSize, let family = payload.u8().flatMap(AddressFamily.family),
            let state = payload.u8(at: 1), let port = payload.be16(at: 4),
            let address = payload.address(at: 8, family: family), let link = payload.u32(at: 40),
            let user = payload.u32(at: 64), let inode = payload.u32(at: 68)
        else { return nil }
        self.state = SocketState(rawValue: state)
        localAddress = address
        localPort = port
        boundLink = link
        userID = user
        self.inode = inode
        payload.forEachAttribute(from: Self.fixedSize) { type, value in
            if type == INET_DIAG_SKV6ONLY { isIPv6Only = value.bool }
        }
    }
}
