import Model

/// What an operator tells a rollout to do.
public enum RolloutOrder: Hashable, Sendable {
    /// No node begins to change until it is resumed.
    case pause
    /// Goes on: after a pause, or once more after a failure.
    case resume
    /// All nodes go back to the commit before.
    case undo
    /// Other settings; `nil` stays.
    case set(maxUnavailable: Int?, healthyWithin: Int64?)
}

extension FleetRollout {
    /// The write that an order means; throws where it makes no sense now.
    func write(_ order: RolloutOrder, at time: Int64) throws(Diagnostic) -> RolloutWrite {
        var write = RolloutWrite(self)
        if case .set(let maxUnavailable, let healthyWithin) = order {
            write.settingsRevision = settingsRevision
            write.settings = RolloutSettings(
                maxUnavailable: maxUnavailable ?? settings.maxUnavailable,
                healthyWithin: healthyWithin ?? settings.healthyWithin)
            return write
        }
        guard var record else {
            throw Diagnostic(
                code: "rollout-none", "no commit was rolled out in this fleet yet",
                hint: "it begins when an agent that follows a branch (reconcile agent --git URL) sees a commit")
        }
        switch order {
        case .pause:
            guard !record.isPaused else { throw Diagnostic(code: "rollout-paused", "the rollout is paused already") }
            record.isPaused = true
        case .resume: try resume(&record, time)
        case .undo: try undo(&record, time)
        case .set: break
        }
        write.record = record
        return write
    }

    private func resume(_ record: inout RolloutRecord, _ time: Int64) throws(Diagnostic) {
        switch record.state {
        case .stopped:
            record.state = .running
            (record.reason, record.node) = (nil, nil)
            record.sequence += 1
            record.since = time
        case .undone where !record.isPaused:
            throw Diagnostic(
                code: "rollout-undone", "the rollout of commit \(record.revision.prefix(12)) was undone",
                hint: "push another commit: that is rolled out")
        case .running where !record.isPaused:
            throw Diagnostic(code: "rollout-running", "the rollout is neither paused nor stopped")
        case .running, .undone: break
        }
        record.isPaused = false
    }

    private func undo(_ record: inout RolloutRecord, _ time: Int64) throws(Diagnostic) {
        guard record.state != .undone else {
            throw Diagnostic(
                code: "rollout-undone", "the rollout of commit \(record.revision.prefix(12)) is undone already")
        }
        guard record.previous != nil else {
            throw Diagnostic(
                code: "rollout-first", "there is no commit before \(record.revision.prefix(12)) to go back to",
                hint: "push another commit: that is rolled out")
        }
        record.state = .undone
        record.isPaused = false
        (record.reason, record.node) = (nil, nil)
        record.sequence += 1
        record.since = time
    }
}
