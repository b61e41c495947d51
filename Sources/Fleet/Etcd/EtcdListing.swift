/// All keys below a prefix, at one revision.
public struct EtcdListing: Sendable {
    /// In the order of the keys.
    public var items: [EtcdKeyValue]
    /// The revision of the whole cluster that this was true at.
    public var revision: Int64
    /// Which cluster said so.
    public var cluster: UInt64
}
