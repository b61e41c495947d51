import Drivers
import Fleet
import Glibc
import Model
import Planning

/// The agent's part in rolling a commit out over its fleet: it asks what to do next, and does it. What is decided, and by
/// what, is in `FleetRollout`.
extension Agent {
    /// Takes the steps that are due.
    func attendToRollout(_ fleet: FleetMember) async {
        rollout.due = nil
        // Its outcome wakes.
        guard !fleet.rollout.isWriting else { return }
        let view = fleet.session.view
        guard view.connection == .connected else {
            // At the start it only was not heard yet.
            return awaitEtcd(isLost: view.connection != .connecting)
        }
        if let problem = fleet.rollout.takeProblem() { log.note(problem) }
        let state = rollout.rollout(of: view)
        if let news = rollout.news(of: state) { tell(state, news) }
        guard let branch, !settings.detectOnly else {
            let reason =
                branch == nil ? "its manifests come from a directory: changes apply at once" : "it only reports"
            let step = state.step(ofDirect: view.node, because: reason, at: Timestamp.now())
            rollout.standing = RolloutStanding(state: "direct", reason: reason)
            if case .write(let write) = step.action { fleet.rollout.begin(write) }
            return
        }
        branch.held.sequence = state.record?.sequence ?? 0
        // Bounded: a step that is made at once leads to the next.
        for _ in 0..<8 {
            let step = state.step(of: node(view.node, branch, state))
            stand(step, state)
            guard await take(step, branch, fleet) else { return }
        }
    }

    /// Without etcd nobody knows whose turn it is.
    private func awaitEtcd(isLost: Bool) {
        guard let branch else { return }
        rollout.standing = RolloutStanding(
            revision: branch.held.tip ?? branch.checkout?.commit, state: RolloutProgress.State.waiting.rawValue,
            reason: isLost
                ? "etcd is away: what runs is kept, and no newer commit is taken" : "the fleet was not heard yet")
        guard isLost, let tip = branch.held.tip, tip != branch.checkout?.commit, let standing = rollout.standing,
            rollout.isNews(standing)
        else { return }
        tell(standing)
    }

    private func node(_ name: String, _ branch: GitInput, _ state: FleetRollout) -> RolloutNode {
        let inForce = branch.checkout?.commit
        let preview = rollout.preview.flatMap { $0.from == inForce && $0.sequence == branch.held.sequence ? $0 : nil }
        var node = RolloutNode(
            name: name, inForce: inForce, tip: branch.held.tip, joined: branch.held.joined,
            looked: branch.held.lookedAt,
            preview: preview?.commit == state.target ? preview?.answer ?? .unknown : .unknown, now: Timestamp.now())
        // It goes through all containers: only where somebody wants to know.
        if state.dependsOnCondition(of: node) { node.condition = condition(of: inForce) }
        return node
    }

    /// Does what a step says; true where the next one may be taken at once.
    private func take(_ step: RolloutStep, _ branch: GitInput, _ fleet: FleetMember) async -> Bool {
        switch step.action {
        case .none: return false
        case .look: branch.ask()
        case .join(let commit):
            do throws(Diagnostic) { try branch.join(commit) } catch { tell([error]) }
            return true
        case .preview(let commit): return await preview(commit, branch)
        case .take(let commit): branch.publish(commit)
        case .write(let write): fleet.rollout.begin(write)
        }
        return false
    }

    /// Finds out what taking a commit would mean here; false where that takes a while. Changes nothing.
    private func preview(_ commit: String, _ branch: GitInput) async -> Bool {
        let (from, sequence) = (branch.checkout?.commit, branch.held.sequence)
        guard let read = branch.input(of: commit) else { return false }
        switch read {
        case .failure(let problem) where problem.code == "git-busy":
            tell([problem])
            rollout.due = .now + .seconds(1)
            return false
        case .failure(let problem): rollout.preview = (commit, from, sequence, .refused(words(problem)))
        case .success(let new):
            do throws(Diagnostic) { rollout.preview = (commit, from, sequence, try await judge(new)) } catch {
                tell([error])
                rollout.due = .now + .seconds(1)
                return false
            }
        }
        return true
    }

    private func judge(_ new: PassInput) async throws(Diagnostic) -> RolloutNode.Preview {
        if let error = new.diagnostics.first(where: { $0.severity == .error }) { return .refused(words(error)) }
        defer { engine.host.endPass() }
        await finishNames()
        var new = new
        new.unready = unready(ReplicaSight(knowledge))
        // As it will be: what has to be claimed first is no reason why nothing would change.
        let expected = fleet?.facts(expecting: new.resources.services)
        let look = try await engine.look(new, expecting: expected)
        if !settings.allowsMassDelete,
            let objection = DeletionGuard.check(look.plan, owned: look.owned, desired: look.desired.resources)
        {
            return .refused(objection.message)
        }
        // Who gets which replica may be another one when other nodes have changed, and what has an error is in no change.
        let isSame =
            look.plan.changes.isEmpty && !look.plan.hasErrors && new.resources.services == input.resources.services
        return isSame || look.owned.isEmpty ? .nothing : .changes
    }

    private func words(_ problem: Diagnostic) -> String {
        (problem.position.map { "\($0.file):\($0.line): " } ?? "") + problem.message
    }

    /// Notes how this node stands, and tells what is new about it.
    private func stand(_ step: RolloutStep, _ state: FleetRollout) {
        let isOver = step.state == .healthy && state.isComplete
        let standing = RolloutStanding(
            revision: state.target, state: step.state?.rawValue, reason: isOver ? "" : step.reason)
        switch step.state {
        case .changing: rollout.due = .now + .milliseconds(250)
        case .waiting: rollout.due = .now + .seconds(5)
        case .healthy, .failed, .direct, nil: break
        }
        rollout.standing = standing
        switch step.action {
        case .look, .join, .preview: return
        // A turn is had once it is written.
        case .write where step.state == .changing || step.state == nil: return
        case .none where step.state == nil: return
        case .none, .take, .write: if rollout.isNews(standing) { tell(standing) }
        }
    }

    private func tell(_ standing: RolloutStanding) {
        tell(standing.revision, "node", standing.state ?? "", standing.reason)
    }

    private func tell(_ state: FleetRollout, _ news: (state: String, reason: String)) {
        tell(state.record?.revision, "rollout", news.state, news.reason)
    }

    private func tell(_ revision: String?, _ field: String, _ state: String, _ reason: String) {
        var event = Event(
            time: Timestamp.now(), kind: .rollout, object: revision.map { "commit \($0.prefix(12))" },
            revision: branch?.checkout?.commit ?? input.revision)
        event.field = field
        event.observed = .string(state)
        event.cause = reason.isEmpty ? nil : reason
        log.write([event])
    }
}
