import CLinux

/// Walking messages and attributes (`struct nlattr` of `linux/netlink.h`).
///
/// Both walks end at the first length that cannot be true, so garbage is skipped and never loops or traps. Nothing is
/// copied: the closure sees the payload in place.
extension RawSpan {
    static let attributeHeader = 4

    /// Calls `body` with each attribute from `offset` on: its type without the flag bits, and its payload.
    @inline(__always)
    public func forEachAttribute(from offset: Int = 0, _ body: (_ type: Int, _ payload: RawSpan) -> Void) {
        var position = Swift.max(offset, 0)
        while let length = u16(at: position).map(Int.init), let type = u16(at: position + 2),
            length >= Self.attributeHeader, length <= byteCount - position
        {
            let payload = extracting(position + Self.attributeHeader..<position + length)
            body(Int(type & ~UInt16(NLA_F_NESTED | NLA_F_NET_BYTEORDER)), payload)
            position += netlinkAlign(length)
        }
    }

    /// Calls `body` with each message: its header, and its payload without padding.
    ///
    /// Returns false where the bytes ended inside a message.
    @inline(__always)
    @discardableResult
    public func forEachMessage(_ body: (MessageHeader, RawSpan) -> Void) -> Bool {
        var position = 0
        while position < byteCount {
            guard let header = MessageHeader(self, at: position), header.length >= MessageHeader.size,
                header.length <= byteCount - position
            else { return false }
            body(header, extracting(position + MessageHeader.size..<position + header.length))
            position += netlinkAlign(header.length)
        }
        return true
    }
}

/// Rounds up to the 4 bytes that messages and attributes are padded to (`NLMSG_ALIGNTO`, `NLA_ALIGNTO`).
@inline(__always)
func netlinkAlign(_ length: Int) -> Int { (length + 3) & ~3 }
