import Model

/// The rollout of a commit over a fleet, as one view of etcd shows it. Pure: what a node does next is ``step(of:)``.
///
/// A commit goes to as many nodes at once as there are turns, each of which is a key that is taken by a transaction and
/// ends with its node's lease. A node gives its turn back when it is healthy with the commit; one that fails stops the
/// rollout, and so does one that is lost on the way.
public struct FleetRollout: Sendable {
    static let current = "current"
    static let settings = "settings"
    static let nodes = "nodes/"
    static let holder = "rollout"

    /// How commits are rolled out.
    public var settings = RolloutSettings()
    /// In which revision of etcd the settings were written; 0 where they were not.
    public var settingsRevision: Int64 = 0
    /// Which commit, and how far it may go; `nil` before the first one.
    public var record: RolloutRecord?
    /// In which revision of etcd that was written; 0 where it was not.
    public var recordRevision: Int64 = 0
    /// What nodes say, by name, also those that are no members any more.
    public var progress: [String: RolloutProgress] = [:]
    /// Who may be changing, by turn.
    public var turns: [Int: Claim] = [:]
    /// The members that live.
    public var live: Set<String> = []

    /// Nothing is rolled out.
    public init() {}

    /// What a view shows.
    public init(_ view: FleetView) {
        if let value = view.rollout[Self.settings] {
            settings = RolloutSettings(value.json)
            settingsRevision = value.revision
        }
        if let value = view.rollout[Self.current] {
            record = RolloutRecord(value.json)
            recordRevision = value.revision
        }
        for (name, value) in view.rollout where name.hasPrefix(Self.nodes) {
            progress[String(name.dropFirst(Self.nodes.count))] = RolloutProgress(value.json)
        }
        turns = view.claims.turns
        live = Set(view.nodes.keys)
    }

    /// What a node says of this rollout; `nil` where it has said nothing yet.
    public func current(_ node: String) -> RolloutProgress? {
        guard let own = progress[node], own.state == .direct || own.sequence == record?.sequence else { return nil }
        return own
    }

    /// The commit that nodes are to have: the one before where the rollout is undone.
    public var target: String? { record.flatMap { $0.state == .undone ? $0.previous ?? $0.revision : $0.revision } }

    /// The live nodes that follow a branch.
    public var members: [String] { live.filter { progress[$0]?.state != .direct }.sorted() }

    /// True where every live node has the commit and is healthy.
    public var isComplete: Bool {
        guard let record, record.state == .running else { return false }
        return members.allSatisfy { current($0)?.state == .healthy }
    }

    /// The turn that a node holds.
    func turn(of node: String) -> Claim? { turns.values.first { $0.node == node } }

    /// The nodes other than one that are changing, or unwell: those that count against the limit.
    func unavailable(besides node: String) -> [String] {
        var names = Set(turns.values.map(\.node))
        for (name, progress) in progress where live.contains(name) {
            switch progress.state {
            case .changing: if progress.turn != nil { names.insert(name) }
            // Going back is what helps a node that failed: it keeps nobody from it.
            case .failed: if record?.state != .undone { names.insert(name) }
            case .waiting, .healthy, .direct: break
            }
        }
        names.remove(node)
        return names.sorted()
    }

    /// The turn that a node could take now; `nil` where it has to wait.
    func freeTurn(for node: String) -> Int? {
        guard unavailable(besides: node).count < settings.maxUnavailable else { return nil }
        return (0..<settings.maxUnavailable).first { turns[$0] == nil }
    }

    /// A node that went away in the middle of its turn.
    func lost(besides node: String) -> String? {
        progress.filter { name, progress in
            name != node && !live.contains(name) && progress.state == .changing && progress.turn != nil
                && progress.sequence == record?.sequence
        }.keys.min()
    }

    /// The rollout of another commit, which takes the place of this one. One that is paused stays so.
    func successor(_ revision: String, had: String?, at time: Int64) -> RolloutRecord {
        guard let record else {
            return RolloutRecord(sequence: 1, revision: revision, previous: had == revision ? nil : had, since: time)
        }
        // What did not get through is nothing to go back to.
        let good = isComplete ? record.revision : record.previous ?? (record.state == .running ? record.revision : nil)
        return RolloutRecord(
            sequence: record.sequence + 1, revision: revision, previous: good == revision ? nil : good,
            isPaused: record.isPaused, since: time)
    }
}
