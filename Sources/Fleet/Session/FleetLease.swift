/// How long a node of a fleet is a member after it was last heard of.
public enum FleetLease {
    /// In seconds, unless the fleet began with another time.
    public static let usual = 10
    /// Seconds that make sense: etcd grants no less than its election timeout allows, and what a dead node ran is away for
    /// so long.
    public static let range = 2...3600

    /// Reads what a file says, in seconds; files of older versions say nothing.
    static func read(_ value: Int64?) -> Int {
        min(max(value.flatMap { Int(exactly: $0) } ?? usual, range.lowerBound), range.upperBound)
    }

    /// How often a lease is kept alive: a lost message or two do not end it.
    static func keepInterval(_ seconds: Int) -> Duration { .milliseconds(max(500, seconds * 1000 / 5)) }
}
