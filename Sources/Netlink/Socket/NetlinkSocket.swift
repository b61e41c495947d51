import CLinux
import Glibc
import Synchronization

/// A netlink socket.
///
/// It belongs to the network namespace that the opening thread was in, for good, and can be used from every thread;
/// operations on one socket take turns. All of them are synchronous and none waits: the kernel carries a request out,
/// and queues its answer, before the send returns. The closures that operations take must not use the same socket.
public final class NetlinkSocket: Sendable {
    /// The descriptor, for `poll(2)`. It is closed with the last reference to this object.
    public let descriptor: Int32

    struct State {
        var sequence: UInt32 = 0
        var writes = 0
        var acknowledgementLimit: Int?
        var buffer = ReceiveBuffer()
    }

    let state = Mutex(State())

    private static let writesOfProcess = Atomic<Int>(0)

    /// How many messages that may change something have been sent through this socket.
    public var writes: Int { state.withLock { $0.writes } }

    /// How many messages that may change something this process has sent through all its sockets.
    public static var totalWrites: Int { writesOfProcess.load(ordering: .relaxed) }

    /// Opens a socket in the network namespace of the calling thread.
    ///
    /// The kernel chooses the port id (`netlink(7)`); errors are explained (`NETLINK_EXT_ACK`), acknowledgements short
    /// (`NETLINK_CAP_ACK`) and dumps strict (`NETLINK_GET_STRICT_CHK`): a filter is obeyed or refused, never ignored.
    public init(_ netlinkProtocol: NetlinkProtocol = .route) throws(NetlinkError) {
        descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), netlinkProtocol.number)
        guard descriptor >= 0 else { throw NetlinkError(.socket, errno: errno, message: "socket") }
        for option in [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK] {
            try set(SOL_NETLINK, option, 1, "setsockopt")
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func set(_ level: Int32, _ option: Int32, _ value: Int32, _ name: String) throws(NetlinkError) {
        var value = value
        guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw NetlinkError(.socket, errno: errno, message: name)
        }
    }

    /// Room for `bytes` of unread messages: beyond the system's limit where we may, else up to it (`socket(7)`).
    func growReceiveBuffer(to bytes: Int32) {
        var bytes = bytes
        let size = socklen_t(MemoryLayout<Int32>.size)
        if setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, size) != 0 {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, size)
        }
    }

    func countWrites(_ count: Int, _ state: inout State) {
        state.writes += count
        Self.writesOfProcess.add(count, ordering: .relaxed)
    }

    // MARK: One datagram

    func send(_ bytes: [UInt8]) throws(NetlinkError) {
        var kernel = sockaddr_nl()
        kernel.nl_family = sa_family_t(AF_NETLINK)
        let size = socklen_t(MemoryLayout<sockaddr_nl>.size)
        while true {
            let sent = withUnsafePointer(to: &kernel) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, size)
                }
            }
            if sent >= 0 { return }
            guard errno == EINTR else { throw NetlinkError(.socket, errno: errno, message: "sendto") }
        }
    }

    /// Receives one datagram from the kernel; `nil` where none is queued. What another process sends is dropped.
    func receive(into buffer: inout ReceiveBuffer) throws(NetlinkError) -> Int? {
        while true {
            var sender = sockaddr_nl()
            var size = socklen_t(MemoryLayout<sockaddr_nl>.size)
            let flags = Int32(MSG_DONTWAIT) | Int32(MSG_TRUNC)
            let count = buffer.withBytes { buffer in
                withUnsafeMutablePointer(to: &sender) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        recvfrom(descriptor, buffer.baseAddress, buffer.count, flags, $0, &size)
                    }
                }
            }
            switch count {
            case 0...ReceiveBuffer.size where sender.nl_pid == 0: return count
            case 0...: if sender.nl_pid == 0 { throw NetlinkError(.lostAnswer, errno: EMSGSIZE, message: "truncated") }
            case _ where errno == EINTR: break
            case _ where errno == EAGAIN: return nil
            case _ where errno == ENOBUFS: throw NetlinkError(.lostAnswer, errno: ENOBUFS, message: "recvfrom")
            default: throw NetlinkError(.socket, errno: errno, message: "recvfrom")
            }
        }
    }
}
