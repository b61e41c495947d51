/// Where datagrams land; one for the life of a socket, allocated when first used and never zeroed.
struct ReceiveBuffer: Sendable {
    /// 64 KiB: the kernel packs a dump into datagrams as large as the reader's buffer, up to 32 KiB
    /// (`netlink_recvmsg` in `net/netlink/af_netlink.c`), and no other message comes near.
    static let size = 65_536

    private var bytes: [UInt8] = []

    /// The whole buffer, to be filled.
    mutating func withBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        if bytes.isEmpty { bytes = [UInt8](unsafeUninitializedCapacity: Self.size) { $1 = Self.size } }
        return bytes.withUnsafeMutableBytes(body)
    }

    /// Walks the messages in the first `count` bytes; see ``RawSpan/forEachMessage(_:)``.
    @inline(__always)
    @discardableResult
    func forEachMessage(in count: Int, _ body: (MessageHeader, RawSpan) -> Void) -> Bool {
        bytes.span.bytes.extracting(first: count).forEachMessage(body)
    }
}
