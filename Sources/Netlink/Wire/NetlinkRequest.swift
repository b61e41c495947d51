import CLinux

/// One message to the kernel, complete but for its sequence number.
public struct NetlinkRequest: Hashable, Sendable {
    /// The message, header included.
    public let bytes: [UInt8]
    /// What it asks for, in words for an error: `create bridge br-front`.
    public let summary: String

    /// A request of `type` (`RTM_NEWLINK`, …) with `flags` beyond those that the socket's operation adds
    /// (`NLM_F_REQUEST`, `NLM_F_ACK`, `NLM_F_DUMP`); `body` writes what follows the header.
    public init(type: Int, flags: Int32 = 0, summary: String, _ body: (inout MessageWriter) -> Void) {
        var writer = MessageWriter()
        writer.zeros(MessageHeader.size)
        body(&writer)
        writer.patch(UInt32(writer.bytes.count), at: 0)
        writer.patch(UInt16(truncatingIfNeeded: type), at: 4)
        writer.patch(UInt16(truncatingIfNeeded: flags | NLM_F_REQUEST), at: 6)
        self.bytes = writer.bytes
        self.summary = summary
    }

    /// Appends the message with its sequence number and further flags, padded to where the next may start.
    func append(to buffer: inout [UInt8], sequence: UInt32, flags: Int32) {
        let start = buffer.count
        buffer.append(contentsOf: bytes)
        let padding = netlinkAlign(bytes.count) - bytes.count
        for _ in 0..<padding { buffer.append(0) }
        buffer.withUnsafeMutableBytes {
            let own = $0.loadUnaligned(fromByteOffset: start + 6, as: UInt16.self)
            $0.storeBytes(of: own | UInt16(truncatingIfNeeded: flags), toByteOffset: start + 6, as: UInt16.self)
            $0.storeBytes(of: sequence, toByteOffset: start + 8, as: UInt32.self)
        }
    }

    /// The type of the attribute whose header lies at `offset` of the message; `nil` where none can.
    func attributeType(at offset: Int) -> Int? {
        guard offset >= MessageHeader.size, offset + RawSpan.attributeHeader <= bytes.count else { return nil }
        let type = UInt16(bytes[offset + 2]) | UInt16(bytes[offset + 3]) << 8
        return Int(UInt16(littleEndian: type) & ~UInt16(NLA_F_NESTED | NLA_F_NET_BYTEORDER))
    }
}
