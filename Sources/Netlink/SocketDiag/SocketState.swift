/// The state of a socket: `net/tcp_states.h` of the kernel's sources, which `tcp(7)`'s `TCP_…` repeat.
public struct SocketState: RawRepresentable, Hashable, Sendable {
    /// The kernel's number.
    public let rawValue: UInt8

    /// A state from its number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Connected.
    public static let established = SocketState(rawValue: 1)
    /// Not connected: a bound UDP socket.
    public static let closed = SocketState(rawValue: 7)
    /// Waits for connections.
    public static let listening = SocketState(rawValue: 10)

    var mask: UInt32 { rawValue < 32 ? 1 << UInt32(rawValue) : 0 }
}
