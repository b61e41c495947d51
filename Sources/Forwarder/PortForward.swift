import Model
import NIOCore
import Synchronization

/// A port that is listened on. Used on its event loop only, but for what is `Sendable` by itself.
protocol PortForward: AnyObject, Sendable {
    /// The inode of its socket.
    var inode: UInt32 { get }
    /// False where the socket was closed by somebody else.
    var isOpen: Bool { get }
    /// Sends what comes from now on somewhere else.
    func lead(to forward: Forward)
    /// Stops listening.
    func close() -> EventLoopFuture<Void>
}

/// Where a port leads: it may change while the port is open.
final class Destination: Sendable {
    private let value: Mutex<SocketAddress>

    init(_ forward: Forward) { value = Mutex(Self.address(forward)) }

    var address: SocketAddress { value.withLock { $0 } }

    func set(_ forward: Forward) { value.withLock { $0 = Self.address(forward) } }

    private static func address(_ forward: Forward) -> SocketAddress {
        let bytes = ByteBuffer(bytes: forward.address.bytes)
        guard let address = try? SocketAddress(packedIPAddress: bytes, port: Int(forward.port)) else {
            preconditionFailure("an address has 4 or 16 bytes")
        }
        return address
    }
}
