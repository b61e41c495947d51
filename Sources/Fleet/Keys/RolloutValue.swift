import Model

/// A value of the rollout: what it holds is the rollout's to say.
public struct RolloutValue: Hashable, Sendable {
    /// The value.
    public var json: JSONValue
    /// The revision in which it was last written: what replaces it has to name that.
    public var revision: Int64
}
