import Synchronization

/// Where datagrams land: lent to a socket for one operation, so that a thousand open sockets share a few buffers.
struct ReceiveBuffer: Sendable {
    /// 64 KiB: the kernel packs a dump into datagrams as large as the reader's buffer, up to 32 KiB
    /// (`netlink_recvmsg` in `net/netlink/af_netlink.c`), and no other message comes near.
    static let size = 65_536

    private static let idle = Mutex<[[UInt8]]>([])
    /// More than threads that read at the same moment.
    private static let idleLimit = 8

    private var bytes: [UInt8] = []

    /// The whole buffer, to be filled; allocated when first used and never zeroed.
    mutating func withBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        if bytes.isEmpty {
            bytes =
                Self.idle.withLock { $0.popLast() }
                ?? [UInt8](unsafeUninitializedCapacity: Self.size) { $1 = Self.size }
        }
        return bytes.withUnsafeMutableBytes(body)
    }

    /// Ends the loan.
    mutating func giveBack() {
        guard !bytes.isEmpty else { return }
        let lent = bytes
        bytes = []
        Self.idle.withLock { if $0.count < Self.idleLimit { $0.append(lent) } }
    }

    /// Walks the messages in the first `count` bytes; see ``RawSpan/forEachMessage(_:)``.
    @inline(__always)
    @discardableResult
    func forEachMessage(in count: Int, _ body: (MessageHeader, RawSpan) -> Void) -> Bool {
        bytes.span.bytes.extracting(first: count).forEachMessage(body)
    }
}
