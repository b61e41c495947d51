/// A socket that holds a port, as `sock_diag(7)` tells of it.
public struct BoundSocket: Hashable, Sendable {
    /// The address it is bound to; unspecified for any.
    public let address: IPAddress
    /// The number in `/proc/PID/fd`'s `socket:[…]`.
    public let inode: UInt32
    /// At `::`: it takes no IPv4.
    public let isIPv6Only: Bool

    /// A socket.
    public init(address: IPAddress, inode: UInt32, isIPv6Only: Bool = false) {
        self.address = address
        self.inode = inode
        self.isIPv6Only = isIPv6Only
    }
}
