import Model

/// The rollout of a fleet: which commit, and how far it may go.
public struct RolloutRecord: Hashable, Sendable {
    /// How it goes.
    public enum State: String, Hashable, Sendable {
        /// Nodes take the commit, one turn after the other; or all have it.
        case running
        /// A node failed: whoever does not have the commit keeps what it has.
        case stopped
        /// All nodes go back to the commit before.
        case undone
    }

    /// Counts what was begun: commits, resumptions and undoings. What nodes said of an earlier one says nothing of this.
    public var sequence: Int64
    /// The commit.
    public var revision: String
    /// The last commit that was rolled out to its end before; `nil` where there is none to go back to.
    public var previous: String?
    /// How it goes.
    public var state: State
    /// No node begins to change until it is resumed; newer commits wait, too.
    public var isPaused: Bool
    /// Why it stopped.
    public var reason: String?
    /// The node that failed.
    public var node: String?
    /// When it began, in milliseconds since 1970, by the clock of who began it.
    public var since: Int64

    /// A rollout by its parts.
    public init(
        sequence: Int64, revision: String, previous: String? = nil, state: State = .running, isPaused: Bool = false,
        reason: String? = nil, node: String? = nil, since: Int64 = 0
    ) {
        self.sequence = sequence
        self.revision = revision
        self.previous = previous
        self.state = state
        self.isPaused = isPaused
        self.reason = reason
        self.node = node
        self.since = since
    }

    init?(_ json: JSONValue) {
        guard let sequence = json["sequence"]?.int, let revision = json["revision"]?.string,
            let state = json["state"]?.string.flatMap({ State(rawValue: $0) })
        else { return nil }
        self.init(
            sequence: sequence, revision: revision, previous: json["previous"]?.string, state: state,
            isPaused: json["paused"]?.bool ?? false, reason: json["reason"]?.string, node: json["node"]?.string,
            since: json["since"]?.int ?? 0)
    }

    /// The value in etcd.
    var json: JSONValue {
        [
            "version": 1, "sequence": .int(sequence), "revision": .string(revision), "previous": .optional(previous),
            "state": .string(state.rawValue), "paused": .bool(isPaused), "reason": .optional(reason),
            "node": .optional(node), "since": .int(since),
        ]
    }
}
