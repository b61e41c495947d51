extension FleetRollout {
    /// What a node does next. It is asked again whenever anything is different, and answers with one step at a time.
    public func step(of node: RolloutNode) -> RolloutStep {
        guard let record else {
            guard let tip = node.tip else { return RolloutStep(.none, nil, "the branch was not read yet") }
            return propose(tip, node)
        }
        if let tip = node.tip, tip != node.joined {
            if tip == record.revision { return RolloutStep(.join(tip), nil) }
            // What is newer is told by the branch alone: it was asked after this rollout was known, and says otherwise.
            return node.looked < record.sequence
                ? RolloutStep(.look, nil, "the branch is asked again") : propose(tip, node)
        }
        if record.state == .running, let lost = lost(besides: node.name) { return stop(because: lost) }
        let goal = target ?? record.revision
        return node.inForce == goal ? stay(node, record) : move(node, to: goal, record)
    }

    /// Whether a node's next step depends on how what runs there is: it does where the node has what it is to have, and
    /// that is not said to be over.
    public func dependsOnCondition(of node: RolloutNode) -> Bool {
        guard let record, let inForce = node.inForce, inForce == target else { return false }
        guard let own = current(node.name), own.revision == inForce else { return true }
        switch own.state {
        case .healthy: return false
        case .failed: return record.state == .undone
        case .changing, .waiting, .direct: return true
        }
    }

    /// What a node that takes no part does: it says so.
    public func step(ofDirect node: String, because reason: String, at time: Int64) -> RolloutStep {
        let progress = RolloutProgress(sequence: 0, revision: "", state: .direct, reason: reason, since: time)
        if let own = self.progress[node], own.state == .direct, own.reason == reason {
            return RolloutStep(.none, .direct, reason)
        }
        return write(.direct, reason) { $0.progress[node] = progress }
    }

    private func propose(_ tip: String, _ node: RolloutNode) -> RolloutStep {
        write(nil, "it begins") { $0.record = successor(tip, had: node.inForce, at: node.now) }
    }

    private func stop(because lost: String) -> RolloutStep {
        let reason = "it was lost while it was changing"
        return write(nil, "node \(lost): \(reason)") { write in
            write.record = stopped(lost, reason)
            guard var progress = progress[lost] else { return }
            (progress.state, progress.turn, progress.reason) = (.failed, nil, reason)
            write.progress[lost] = progress
        }
    }

    private func stopped(_ node: String, _ reason: String) -> RolloutRecord? {
        guard var record, record.state == .running else { return nil }
        (record.state, record.node, record.reason) = (.stopped, node, reason)
        return record
    }

    /// It has what it is to have.
    private func stay(_ node: RolloutNode, _ record: RolloutRecord) -> RolloutStep {
        if let own = current(node.name), own.revision == node.inForce {
            switch own.state {
            case .healthy: return settled(node, .healthy, "")
            case .failed:
                // A rollout that stopped waits for a word; what went back is well when it is.
                guard record.state == .undone, node.condition == .healthy else {
                    return settled(node, .failed, own.reason ?? "")
                }
            case .changing: return judge(node, own)
            case .waiting, .direct: break
            }
        }
        if node.condition == .healthy { return finish(node, .healthy, "") }
        // It never left it, or nothing is asked of it now.
        if record.state == .stopped {
            return settled(node, .waiting, "it keeps what it has")
        }
        return begin(node, needsTurn: true)
    }

    private func judge(_ node: RolloutNode, _ own: RolloutProgress) -> RolloutStep {
        switch node.condition {
        case .healthy: return finish(node, .healthy, "")
        case .failed(let reason): return finish(node, .failed, reason)
        // No time is over that it was given to become healthy.
        case .steadying: return RolloutStep(.none, .changing, "all is well, and has to stay so for a moment")
        case .waiting(let reason): return letOthersGo(node, own, reason)
        case .settling(let reason): return settle(node, since: own.since, reason)
        }
    }

    /// It has its time to become healthy.
    private func settle(_ node: RolloutNode, since: Int64, _ reason: String) -> RolloutStep {
        guard node.now - since >= settings.healthyWithin else { return RolloutStep(.none, .changing, reason) }
        return finish(node, .failed, "not healthy within \(settings.healthyWithin / 1000)s: \(reason)")
    }

    /// It waits for what another node gives up with this commit, for which that one needs a turn: so it gives back its own.
    /// Its time runs once nobody is to come any more.
    private func letOthersGo(_ node: RolloutNode, _ own: RolloutProgress, _ reason: String) -> RolloutStep {
        let others = members.filter { $0 != node.name }
        guard others.contains(where: isToCome) else {
            let since = others.compactMap { current($0)?.since }.reduce(own.since, max)
            return settle(node, since: since, reason)
        }
        guard let turn = turn(of: node.name) else { return RolloutStep(.none, .changing, reason) }
        return write(.changing, reason) { write in
            write.release = turn
            write.progress[node.name] = RolloutProgress(
                sequence: own.sequence, revision: own.revision, state: .changing, reason: reason, since: own.since)
        }
    }

    /// Whether a node has this rollout before it, or its turn.
    private func isToCome(_ node: String) -> Bool {
        guard let progress = current(node) else { return true }
        return progress.state == .waiting || progress.state == .changing && progress.turn != nil
    }

    /// It is to have another commit.
    private func move(_ node: RolloutNode, to goal: String, _ record: RolloutRecord) -> RolloutStep {
        let own = current(node.name).flatMap { $0.revision == goal ? $0 : nil }
        let turn = turn(of: node.name)
        if let own, own.state == .changing, own.turn == nil || turn != nil {
            guard node.now - own.since < settings.healthyWithin else {
                return finish(node, .failed, "it was not taken within \(settings.healthyWithin / 1000)s", goal)
            }
            return RolloutStep(.take(goal), .changing)
        }
        if own?.state == .failed { return settled(node, .failed, own?.reason ?? "") }
        if record.state == .stopped {
            return hold(node, goal, "the rollout is stopped: node \(record.node ?? "?"): \(record.reason ?? "")")
        }
        if record.isPaused { return hold(node, goal, "the rollout is paused") }
        if record.state == .running, node.tip != goal {
            if node.looked < record.sequence { return RolloutStep(.look, .waiting, "the branch is asked again") }
            return hold(node, goal, "this node has not seen it on its branch yet")
        }
        switch node.preview {
        case .unknown: return RolloutStep(.preview(goal), .waiting, "the commit is being read")
        case .refused(let reason): return finish(node, .failed, reason, goal)
        case .nothing: return begin(node, goal, needsTurn: false)
        case .changes: return begin(node, goal, needsTurn: true)
        }
    }

    /// Takes a turn, where it needs one and there is one.
    private func begin(_ node: RolloutNode, _ goal: String? = nil, needsTurn: Bool) -> RolloutStep {
        guard let goal = goal ?? node.inForce, let sequence = record?.sequence else { return RolloutStep(.none, nil) }
        let own = turn(of: node.name).flatMap { if case .turn(let number) = $0.key { number } else { nil } }
        guard !needsTurn || own != nil || freeTurn(for: node.name) != nil else {
            let others = unavailable(besides: node.name).map { name in
                "\(name) \(progress[name]?.state == .failed ? "failed" : "is changing")"
            }
            return hold(
                node, goal, "it waits for its turn" + (others.isEmpty ? "" : ": \(others.joined(separator: ", "))"))
        }
        return write(.changing, "it takes the commit") { write in
            let number = needsTurn ? own ?? freeTurn(for: node.name) : own
            if number != own { write.take = number }
            write.settingsRevision = settingsRevision
            write.progress[node.name] = RolloutProgress(
                sequence: sequence, revision: goal, state: .changing, turn: number, since: node.now)
        }
    }

    /// It waits, and gives back what it does not need meanwhile.
    private func hold(_ node: RolloutNode, _ goal: String, _ reason: String) -> RolloutStep {
        let own = current(node.name)
        let turn = turn(of: node.name)
        guard own?.state != .waiting || own?.revision != goal || turn != nil else {
            return RolloutStep(.none, .waiting, reason)
        }
        return write(.waiting, reason) { write in
            write.release = turn
            write.progress[node.name] = RolloutProgress(
                sequence: record?.sequence ?? 0, revision: goal, state: .waiting, since: node.now)
        }
    }

    private func settled(_ node: RolloutNode, _ state: RolloutProgress.State, _ reason: String) -> RolloutStep {
        guard let turn = turn(of: node.name) else { return RolloutStep(.none, state, reason) }
        return write(state, reason) { $0.release = turn }
    }

    /// Its turn is over, one way or the other; a failure stops the rollout.
    private func finish(
        _ node: RolloutNode, _ state: RolloutProgress.State, _ reason: String, _ revision: String? = nil
    ) -> RolloutStep {
        write(state, reason) { write in
            write.release = turn(of: node.name)
            if state == .failed { write.record = stopped(node.name, reason) }
            write.progress[node.name] = RolloutProgress(
                sequence: record?.sequence ?? 0, revision: revision ?? node.inForce ?? "", state: state,
                reason: reason.isEmpty ? nil : reason, since: node.now)
        }
    }

    private func write(
        _ state: RolloutProgress.State?, _ reason: String, _ change: (inout RolloutWrite) -> Void
    ) -> RolloutStep {
        var write = RolloutWrite(self)
        change(&write)
        return RolloutStep(.write(write), state, reason)
    }
}
