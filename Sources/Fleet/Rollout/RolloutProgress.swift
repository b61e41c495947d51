import Model

/// How far a node is with a rollout. It outlives the node's lease: so one that is lost in the middle is seen.
public struct RolloutProgress: Hashable, Sendable {
    /// How a node stands.
    public enum State: String, Hashable, Sendable {
        /// It keeps what it has until it may go on.
        case waiting
        /// It takes the commit, and is not yet known to be healthy with it.
        case changing
        /// It has the commit and is well.
        case healthy
        /// It has the commit and is not well, or cannot take it.
        case failed
        /// It takes no part: its manifests come from no branch, or it only reports.
        case direct
    }

    /// The rollout's sequence that it is about.
    public var sequence: Int64
    /// The commit that it is about.
    public var revision: String
    /// How the node stands.
    public var state: State
    /// The turn that it was given; `nil` where it needs none.
    public var turn: Int?
    /// Why it is not healthy.
    public var reason: String?
    /// Since when, in milliseconds since 1970, by the node's clock.
    public var since: Int64

    /// A progress by its parts.
    public init(
        sequence: Int64, revision: String, state: State, turn: Int? = nil, reason: String? = nil, since: Int64 = 0
    ) {
        self.sequence = sequence
        self.revision = revision
        self.state = state
        self.turn = turn
        self.reason = reason
        self.since = since
    }

    init?(_ json: JSONValue) {
        guard let state = json["state"]?.string.flatMap({ State(rawValue: $0) }) else { return nil }
        self.init(
            sequence: json["sequence"]?.int ?? 0, revision: json["revision"]?.string ?? "", state: state,
            turn: json["turn"]?.int.flatMap { Int(exactly: $0) }, reason: json["reason"]?.string,
            since: json["since"]?.int ?? 0)
    }

    /// The value in etcd.
    var json: JSONValue {
        [
            "version": 1, "sequence": .int(sequence), "revision": .string(revision), "state": .string(state.rawValue),
            "turn": turn.map { .int(Int64($0)) } ?? .null, "reason": .optional(reason), "since": .int(since),
        ]
    }
}
