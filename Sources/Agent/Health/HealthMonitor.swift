import Model

/// Which health checks are due, and what their answers come to. Runs nothing itself.
struct HealthMonitor {
    private struct Entry {
        let incarnation: String
        var check: Healthcheck
        var health = Health()
        var started: ContinuousClock.Instant
        var next: ContinuousClock.Instant
        var isRunning = false

        /// Until the next run.
        var interval: Duration {
            health.status == .starting ? min(check.interval, HealthMonitor.startInterval) : check.interval
        }
    }

    /// A container that is up and has a check.
    struct Subject {
        let name: String
        let incarnation: String
        let check: Healthcheck
        /// For how long it has been up.
        let uptime: Duration
    }

    /// As long as a container is starting its check runs this often, if its interval is longer: so that it counts as
    /// healthy soon after it is.
    static let startInterval = Duration.seconds(1)

    private var entries: [String: Entry] = [:]

    /// How each container that has a check stands.
    var health: [String: Health] { entries.mapValues(\.health) }

    /// How an incarnation of a container stands; `nil` where it was not asked.
    func status(of name: String, incarnation: String?) -> Health.Status? {
        entries[name].flatMap { $0.incarnation == incarnation ? $0.health.status : nil }
    }

    /// When the next check is due.
    var nextDeadline: ContinuousClock.Instant? { entries.values.lazy.filter { !$0.isRunning }.map(\.next).min() }

    /// Watches exactly these containers from now on. A new incarnation starts anew.
    mutating func follow(_ subjects: [Subject], at now: ContinuousClock.Instant) {
        var followed: [String: Entry] = [:]
        for subject in subjects {
            if var entry = entries[subject.name], entry.incarnation == subject.incarnation {
                if entry.check != subject.check {
                    entry.check = subject.check
                    entry.next = min(entry.next, now + entry.interval)
                }
                followed[subject.name] = entry
            } else {
                followed[subject.name] = Entry(
                    incarnation: subject.incarnation, check: subject.check, started: now - subject.uptime,
                    next: now + min(subject.check.interval, Self.startInterval))
            }
        }
        entries = followed
    }

    /// The checks that are to be run now; each counts as running until it is answered.
    mutating func takeDue(at now: ContinuousClock.Instant) -> [(name: String, incarnation: String, check: Healthcheck)]
    {
        var due: [(name: String, incarnation: String, check: Healthcheck)] = []
        for (name, entry) in entries where !entry.isRunning && entry.next <= now {
            entries[name]?.isRunning = true
            due.append((name, entry.incarnation, entry.check))
        }
        return due.sorted { $0.name < $1.name }
    }

    /// Takes an answer. Returns the health where its status changed.
    mutating func answered(
        _ name: String, incarnation: String, _ answer: HealthAnswer, at now: ContinuousClock.Instant
    ) -> Health? {
        guard var entry = entries[name], entry.incarnation == incarnation else { return nil }
        let before = entry.health.status
        entry.health.record(answer, of: entry.check, uptime: entry.started.duration(to: now))
        entry.isRunning = false
        entry.next = now + entry.interval
        entries[name] = entry
        return entry.health.status == before ? nil : entry.health
    }
}
