/// How a node takes part in its fleet.
public struct FleetSettings: Hashable, Sendable {
    /// Where its files are.
    public var directory: FleetDirectory
    /// How long the node is a member after it was last heard of, in seconds, by etcd's clock. What is bound to its lease,
    /// replicas above all, is others' to take after that. `nil`: as the fleet has it.
    public var leaseSeconds: Int?
    /// How long a member of etcd may take for an answer.
    public var patience: Duration
    /// How often certificates are looked at.
    public var certificateInterval: Duration

    /// Settings by their parts.
    public init(
        directory: FleetDirectory, leaseSeconds: Int? = nil, patience: Duration = .seconds(2),
        certificateInterval: Duration = .seconds(60)
    ) {
        self.directory = directory
        self.leaseSeconds = leaseSeconds.map { max(FleetLease.range.lowerBound, $0) }
        self.patience = patience
        self.certificateInterval = certificateInterval
    }
}
