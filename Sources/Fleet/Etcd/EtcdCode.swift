/// The codes of the diagnostics that etcd's client throws.
public enum EtcdCode {
    /// No connection: nothing listens there, or no packet comes back.
    public static let unreachable = "etcd-unreachable"
    /// No answer in time.
    public static let timeout = "etcd-timeout"
    /// The member has no leader, or has just lost it.
    public static let noLeader = "etcd-no-leader"
    /// What answers shows a certificate that the fleet's authority has not made for this address.
    public static let certificate = "etcd-certificate"
    /// etcd does not accept this node's certificate.
    public static let refused = "etcd-refused"
    /// etcd ends each connection with this node's certificate at once, as it does with a revoked one.
    public static let revoked = "etcd-revoked"
    /// etcd's database is as large as it may become; it takes no more writes.
    public static let full = "etcd-full"
    /// etcd's own access rules forbid it.
    public static let denied = "etcd-denied"
    /// The changes from a revision on are no longer kept.
    public static let compacted = "etcd-compacted"
    /// The lease is over.
    public static let leaseLost = "etcd-lease-lost"
    /// The caller's task was cancelled.
    public static let cancelled = "cancelled"
    /// Anything else that etcd says.
    public static let failed = "etcd-failed"
}
