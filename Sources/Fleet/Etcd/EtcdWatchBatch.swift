/// Changes that belong together: all of one revision, or of several.
public struct EtcdWatchBatch: Sendable {
    /// A change of a key.
    public enum Change: Hashable, Sendable {
        case put(EtcdKeyValue)
        case deleted(String, revision: Int64)
    }

    /// In the order in which they were made; none where etcd only tells how far it is.
    public var changes: [Change]
    /// Everything up to this revision has been told.
    public var revision: Int64
}
