import Model
import Planning

/// The agent's part in serving names: their repair goes on beside the loop, so that nothing else waits for it.
extension Agent {
    /// Two repairs of names begin so far apart at least, however often names change.
    private static let namesPause = Duration.milliseconds(200)

    /// Begins to make names as they should be, at once where that was not done just now; else once it is time. So each
    /// change is served after a moment, and those of a moment together.
    func beginNames(heard: ContinuousClock.Instant) {
        guard nameRepair == nil else {
            namesWait = true
            return
        }
        let now = ContinuousClock.now
        guard namesDue <= now else { return putOff(.names, until: namesDue) }
        let log = log.beside()
        log.set(heard: heard)
        let (watch, isDone) = (watch, isNamesDone)
        let waiting = contention.waiting(at: now)
        nameRepair = NameRepair(engine, knowledge, waiting: waiting, isReportOnly: settings.detectOnly, log: log) {
            isDone.set()
            watch.wake()
        }
    }

    /// Takes over what came of a repair of names that is over.
    func takeNames() async { if isNamesDone.take() { await finishNames() } }

    /// Waits for a repair of names that is under way, and takes over what came of it.
    func finishNames() async {
        guard let repair = nameRepair else { return }
        let result = await repair.result
        nameRepair = nil
        _ = isNamesDone.take()
        let now = ContinuousClock.now
        // At most half of the time goes into it.
        namesDue = max(repair.began + Self.namesPause, now + (now - repair.began))
        if namesWait {
            namesWait = false
            dirt.scopes.insert(.names)
        }
        switch result {
        case .success(let outcome): take(outcome, of: repair)
        case .failure(let problem):
            tell([problem])
            retry.failed(at: now)
        }
    }

    private func take(_ outcome: NameRepair.Outcome, of repair: NameRepair) {
        knowledge.names = outcome.names
        knowledge.refresh([.names: outcome.names.observation], containers: [:])
        report(outcome.plan, in: [.names], suspended: knowledge.suspended)
        let waiting = contention.waiting(at: .now)
        if outcome.plan.changes.contains(where: { waiting.contains($0.id) }) {
            putOff(.names, until: contention.nextDeadline(after: .now))
        }
        if let pass = outcome.pass { settle(pass, in: [.names], log: repair.log) }
        knowledge.forgetShift(in: [.names], upTo: repair.lastShift)
        follow(containers: [])
    }
}
