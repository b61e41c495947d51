import CLinux

/// The id by which one network namespace knows another: `RTM_NEWNSID`, `struct rtgenmsg` and `NETNSA_…` of
/// `linux/net_namespace.h`.
public struct NamespaceIDMessage: Hashable, Sendable {
    /// The id; -1 where none is assigned.
    public var id: Int32

    /// `struct rtgenmsg` is one byte; attributes start at the next multiple of four.
    static let fixedSize = 4

    /// Reads what follows the message header; `nil` where it holds no id.
    public init?(_ payload: RawSpan) {
        var id: Int32?
        payload.forEachAttribute(from: Self.fixedSize) { type, value in
            if type == NETNSA_NSID { id = value.i32() }
        }
        guard let id else { return nil }
        self.id = id
    }
}
