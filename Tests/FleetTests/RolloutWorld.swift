import Model

@testable import Fleet

/// An etcd and some nodes without either: what the rollout's decisions lead to, one step at a time.
struct RolloutWorld {
    /// What etcd has.
    var rollout = FleetRollout()
    /// The nodes as their agents see them.
    var nodes: [String: RolloutNode] = [:]
    /// What the branch is at.
    var branch = "c1"
    /// What taking a commit means; a commit that is not here changes something.
    var previews: [String: RolloutNode.Preview] = [:]
    /// Commits with which nodes become unwell.
    var bad: Set<String> = []
    /// Nodes that need what another one gives up with the commit.
    var needs: [String: String] = [:]
    /// Commits of which nobody knows yet how they are.
    var slow: Set<String> = []
    var now: Int64 = 1000
    private var revision: Int64 = 1
    /// Nodes that took a commit by turn and are not yet known to be well, at the most at one time.
    private(set) var mostChanging = 0
    /// What was taken, in its order.
    private(set) var taken: [String] = []

    init(_ names: String..., inForce: String? = "c0", maxUnavailable: Int = 1) {
        rollout.settings.maxUnavailable = maxUnavailable
        for name in names { join(name, inForce: inForce) }
    }

    mutating func join(_ name: String, inForce: String?) {
        nodes[name] = RolloutNode(name: name, inForce: inForce, joined: inForce, condition: .healthy)
        rollout.live.insert(name)
    }

    /// The agent of a node and its lease are gone.
    mutating func lose(_ name: String) {
        rollout.live.remove(name)
        rollout.turns = rollout.turns.filter { $0.value.node != name }
    }

    /// What a node does next, as it would see it in some state of etcd.
    func step(_ name: String, seeing view: FleetRollout? = nil) -> RolloutStep {
        var node = nodes[name]!
        node.now = now
        let rollout = view ?? rollout
        // As agents do: how all is here takes a while to find out.
        if !rollout.dependsOnCondition(of: node) { node.condition = .failed("nobody asked") }
        return rollout.step(of: node)
    }

    /// Writes; false where it is not as it was seen.
    @discardableResult
    mutating func commit(_ write: RolloutWrite, by node: String = "operator") -> Bool {
        guard write.recordRevision == rollout.recordRevision,
            write.settingsRevision ?? rollout.settingsRevision == rollout.settingsRevision
        else { return false }
        if let take = write.take, rollout.turns[take] != nil { return false }
        if let release = write.release, !rollout.turns.values.contains(release) { return false }
        revision += 1
        if let record = write.record { (rollout.record, rollout.recordRevision) = (record, revision) }
        if let settings = write.settings { (rollout.settings, rollout.settingsRevision) = (settings, revision) }
        rollout.progress.merge(write.progress) { $1 }
        if let take = write.take {
            rollout.turns[take] = Claim(key: .turn(take), node: node, holder: "rollout", lease: 7, revision: revision)
        }
        if let release = write.release { rollout.turns = rollout.turns.filter { $0.value != release } }
        return true
    }

    mutating func order(_ order: RolloutOrder) throws { commit(try rollout.write(order, at: now)) }

    /// Does what a step says; false where there was nothing to do.
    @discardableResult
    mutating func perform(_ step: RolloutStep, by name: String) -> Bool {
        switch step.action {
        case .none: return false
        case .look: look(name)
        case .join(let commit): nodes[name]?.joined = commit
        case .preview(let commit): nodes[name]?.preview = previews[commit] ?? .changes
        case .take(let commit):
            taken.append("\(name) \(commit)")
            nodes[name]?.inForce = commit
            nodes[name]?.preview = .unknown
            nodes[name]?.condition = .settling("it starts")
        case .write(let write): commit(write, by: name)
        }
        let changing = nodes.values.count { node in
            rollout.live.contains(node.name) && node.condition != .healthy
                && rollout.progress[node.name]?.turn != nil
        }
        mostChanging = max(mostChanging, changing)
        return true
    }

    /// A node asks the branch.
    mutating func look(_ name: String) {
        nodes[name]?.tip = branch
        nodes[name]?.looked = rollout.record?.sequence ?? 0
    }

    /// Time passes: what was taken shows how it is. True where it shows something new.
    @discardableResult
    mutating func settle() -> Bool {
        let before = nodes
        for (name, node) in nodes {
            guard let commit = node.inForce, node.condition != .healthy, !slow.contains(commit) else { continue }
            if let other = needs[name], nodes[other]?.inForce != commit {
                nodes[name]?.condition = .waiting("\(other) has its name")
                continue
            }
            nodes[name]?.condition = bad.contains(commit) ? .failed("container/web is unhealthy") : .healthy
        }
        return nodes != before
    }

    /// Everybody does what is to be done, until there is nothing.
    mutating func run(settling: Bool = true) {
        for _ in 0..<500 {
            var isOver = true
            for name in nodes.keys.sorted() where rollout.live.contains(name) {
                for _ in 0..<8 where perform(step(name), by: name) { isOver = false }
            }
            if settling, settle() { isOver = false }
            if isOver { return }
        }
    }

    /// A commit on the branch, seen by everybody or by some.
    mutating func push(_ commit: String, seenBy names: [String]? = nil) {
        branch = commit
        for name in names ?? Array(nodes.keys) where rollout.live.contains(name) { look(name) }
        for name in nodes.keys { nodes[name]?.preview = .unknown }
    }

    var inForce: [String: String] { nodes.compactMapValues(\.inForce) }
    func state(_ name: String) -> RolloutProgress.State? { rollout.current(name)?.state }
}
