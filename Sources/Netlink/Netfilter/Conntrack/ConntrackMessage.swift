import CLinux

/// A tracked connection: `struct nfgenmsg` and `CTA_…` of `linux/netfilter/nfnetlink_conntrack.h`.
public struct ConntrackMessage: Hashable, Sendable {
    /// As the first packet was addressed, before any translation.
    public var original: ConntrackTuple
    /// As answers are addressed: the original reversed, but for translation.
    public var reply: ConntrackTuple
    /// `IPS_…` of `linux/netfilter/nf_conntrack_common.h`.
    public var status: UInt32 = 0
    /// Tells this connection from a later one of the same tuple.
    public var id: UInt32?
    /// The zone; 0 by default.
    public var zone: UInt16 = 0
    /// The connection's mark.
    public var mark: UInt32 = 0

    /// The destination was translated (`IPS_DST_NAT`): a published port.
    public var isDestinationTranslated: Bool { status & IPS_DST_NAT.rawValue != 0 }
    /// The source was translated (`IPS_SRC_NAT`): masqueraded.
    public var isSourceTranslated: Bool { status & IPS_SRC_NAT.rawValue != 0 }

    /// `struct nfgenmsg`: a family, a version, a resource id.
    static let fixedSize = MemoryLayout<nfgenmsg>.size

    /// Reads what follows the message header; `nil` where a direction is missing.
    public init?(_ payload: RawSpan) {
        var original: ConntrackTuple?
        var reply: ConntrackTuple?
        var status: UInt32 = 0
        var id: UInt32?
        var zone: UInt16 = 0
        var mark: UInt32 = 0
        payload.forEachAttribute(from: Self.fixedSize) { type, value in
            switch type {
            case ConntrackAttribute.original: original = ConntrackTuple(value)
            case ConntrackAttribute.reply: reply = ConntrackTuple(value)
            case ConntrackAttribute.status: status = value.be32() ?? 0
            case ConntrackAttribute.id: id = value.be32()
            case ConntrackAttribute.zone: zone = value.be16() ?? 0
            case ConntrackAttribute.mark: mark = value.be32() ?? 0
            default: break
            }
        }
        guard let original, let reply else { return nil }
        self.original = original
        self.reply = reply
        self.status = status
        self.id = id
        self.zone = zone
        self.mark = mark
    }
}
