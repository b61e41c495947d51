import Model

/// How commits are rolled out over a fleet.
public struct RolloutSettings: Hashable, Sendable {
    /// How many nodes may be changing, or be unwell, at once.
    public var maxUnavailable: Int
    /// How long a node may take to become healthy with a commit, in milliseconds.
    public var healthyWithin: Int64

    /// The defaults: one node at a time, five minutes.
    public init(maxUnavailable: Int = 1, healthyWithin: Int64 = 300_000) {
        self.maxUnavailable = max(1, maxUnavailable)
        self.healthyWithin = max(1000, healthyWithin)
    }

    /// Reads a value; what is missing is as by default.
    init(_ json: JSONValue?) {
        self.init()
        if let number = json?["maxUnavailable"]?.int.flatMap({ Int(exactly: $0) }) { maxUnavailable = max(1, number) }
        if let time = json?["healthyWithin"]?.int { healthyWithin = max(1000, time) }
    }

    /// The value in etcd.
    var json: JSONValue {
        ["version": 1, "maxUnavailable": .int(Int64(maxUnavailable)), "healthyWithin": .int(healthyWithin)]
    }
}
