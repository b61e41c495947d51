import Fleet

/// The replicas that are to leave this node, and since when: traffic is led elsewhere first, here and on the other nodes,
/// and only then they are ended. Pure: the time is passed in.
struct FleetDraining {
    /// As long as it takes until the other nodes have heard of it and lead traffic elsewhere.
    static let time = Duration.milliseconds(500)

    private var ends: [ClaimKey: ContinuousClock.Instant] = [:]

    /// Takes over which replicas are to leave; those that were known before do not begin anew.
    mutating func follow(_ leaving: Set<ClaimKey>, at now: ContinuousClock.Instant) {
        ends = Dictionary(uniqueKeysWithValues: leaving.map { ($0, ends[$0] ?? now + Self.time) })
    }

    /// Nobody is to leave.
    var isEmpty: Bool { ends.isEmpty }

    /// When the next one may be ended; `nil` where none waits.
    func deadline(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        ends.values.filter { $0 > now }.min()
    }

    /// Whether a replica may be ended.
    func isOver(_ key: ClaimKey, at now: ContinuousClock.Instant) -> Bool { ends[key].map { $0 <= now } ?? false }

    /// The replicas, as containers.
    var containers: Set<String> { Set(ends.keys.compactMap(\.container)) }
}
