import Planning

/// What has to be looked at again.
struct Dirt {
    /// Everything.
    var everything = false
    /// These scopes.
    var scopes: Set<Scope> = []
    /// When something of the host that is not ours changed, first and last, since it was looked at.
    private(set) var surroundings: (first: ContinuousClock.Instant, last: ContinuousClock.Instant)?

    /// What others do comes in storms: it is looked at once it has been quiet for so long, or has gone on for longer.
    static let quiet = Duration.milliseconds(50)
    /// At the latest.
    static let patience = Duration.milliseconds(500)

    /// Notes that something around us changed.
    mutating func touchSurroundings(at now: ContinuousClock.Instant) {
        surroundings = (surroundings?.first ?? now, now)
    }

    /// When the surroundings are to be looked at.
    var surroundingsDue: ContinuousClock.Instant? {
        surroundings.map { min($0.last + Self.quiet, $0.first + Self.patience) }
    }

    /// The surroundings were looked at.
    mutating func cleanSurroundings() { surroundings = nil }
}
