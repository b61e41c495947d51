import Fleet
import Model

extension Agent {
    /// How what runs here is, with a commit. Healthy is where a pass over it went well, and all that should run is ready,
    /// both for a while.
    func condition(of commit: String?) -> RolloutNode.Condition {
        let now = ContinuousClock.now
        let found = momentary(commit)
        let steady = rollout.well(found == .healthy, at: now)
        guard found == .healthy, steady < RolloutPart.steady else { return found }
        return .steadying
    }

    private func momentary(_ commit: String?) -> RolloutNode.Condition {
        guard let pass = rollout.pass, pass.revision == commit else { return .settling("no pass was made with it yet") }
        if pass.failures >= RolloutPart.patience { return .failed(pass.problem) }
        let waits = rollout.waitsSince.map { .now - $0 >= RolloutPart.waiting } ?? false
        guard waits || pass.isConverged && retry.deadline == nil else { return .settling(pass.problem) }
        let sight = ReplicaSight(knowledge)
        let time = Timestamp.now()
        var waiting: String?
        for name in knowledge.specifications.keys {
            let resource = ResourceID.container(name)
            guard !knowledge.suspended.contains(resource), isToRun(name) else { continue }
            if waits, knowledge.held.contains(resource), knowledge.containers[name] == nil { continue }
            if let told = health.health[name], told.status == .unhealthy {
                let output = told.output.split(whereSeparator: \.isNewline).first.map { ": \($0)" } ?? ""
                return .failed("\(resource) is unhealthy\(output)")
            }
            switch rule(name, sight)?.readiness(at: time) {
            case .ready, nil: continue
            case .pending: waiting = min(waiting ?? "~", "\(resource) is not ready yet")
            case .away: waiting = min(waiting ?? "~", "\(resource) does not run")
            }
        }
        if let waiting { return .settling(waiting) }
        if let outdated = knowledge.outdated.min() { return .settling("container/\(outdated) waits for its update") }
        return waits ? .waiting(pass.problem) : .healthy
    }

    private func isToRun(_ name: String) -> Bool {
        let scope = knowledge.scope(of: .container(name))
        return knowledge.desired(in: [scope]).contains { $0.id == .process(name) }
    }
}
