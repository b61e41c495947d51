import Model

/// A key with its value, as etcd has it.
public struct EtcdKeyValue: Hashable, Sendable {
    /// The key.
    public let key: String
    /// The value's bytes.
    public let value: [UInt8]
    /// The revision in which the key came to be.
    public let createRevision: Int64
    /// The revision in which it was last written.
    public let modRevision: Int64
    /// The lease that it ends with; 0 for none.
    public let lease: Int64

    init(key: String, value: [UInt8], createRevision: Int64 = 0, modRevision: Int64, lease: Int64 = 0) {
        self.key = key
        self.value = value
        self.createRevision = createRevision
        self.modRevision = modRevision
        self.lease = lease
    }

    init(_ message: Mvccpb) {
        key = String(decoding: message.key, as: UTF8.self)
        value = Array(message.value)
        createRevision = message.createRevision
        modRevision = message.modRevision
        lease = message.lease
    }

    typealias Mvccpb = Etcdserverpb_KeyValue

    /// The value as JSON; `nil` where it is none.
    public var json: JSONValue? { try? JSONValue(parsing: value) }
}
