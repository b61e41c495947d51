/// What a member of etcd says of itself.
public struct EtcdStatus: Hashable, Sendable {
    /// Who answered.
    public let member: EtcdEndpoint
    /// Such as `3.4.23`.
    public let version: String
    /// In bytes.
    public let databaseSize: Int64
    /// Whether it has a leader.
    public let hasLeader: Bool
    /// Alarms, in etcd's words.
    public let errors: [String]
}
