/// The header of every netlink message: `struct nlmsghdr` of `linux/netlink.h`.
public struct MessageHeader: Hashable, Sendable {
    /// Bytes that the header takes.
    public static let size = 16

    /// Bytes of the message, this header included.
    public let length: Int
    /// What the payload is: `RTM_NEWLINK`, `NLMSG_DONE`, …
    public let type: Int
    /// `NLM_F_…`.
    public let flags: Int32
    /// The sequence number of the request that this answers; 0 for a notification.
    public let sequence: UInt32
    /// The port id of the socket whose request caused this message; 0 where that was the kernel itself.
    public let portID: UInt32

    /// The header at `offset`; `nil` where fewer than 16 bytes are left.
    public init?(_ bytes: RawSpan, at offset: Int = 0) {
        guard let length = bytes.u32(at: offset), let type = bytes.u16(at: offset + 4),
            let flags = bytes.u16(at: offset + 6), let sequence = bytes.u32(at: offset + 8),
            let portID = bytes.u32(at: offset + 12)
        else { return nil }
        self.length = Int(length)
        self.type = Int(type)
        self.flags = Int32(flags)
        self.sequence = sequence
        self.portID = portID
    }

    /// True where every bit of `flag` is set.
    public func has(_ flag: Int32) -> Bool { flags & flag == flag }
}
