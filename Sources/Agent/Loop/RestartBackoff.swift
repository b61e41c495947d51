/// When containers that ended are started again: after 100 ms, then ever later, up to a minute; anew from 100 ms once
/// one has run for ten seconds (as Docker does, `restartmanager` of moby).
struct RestartBackoff {
    /// Before the first start.
    static let firstDelay = Duration.milliseconds(100)
    /// At most.
    static let longestDelay = Duration.seconds(60)
    /// Who ran for so long counts as well.
    static let reset = Duration.seconds(10)

    private struct Entry {
        /// Which end it is about: the incarnation that ended.
        var incarnation: String
        var delay: Duration
        var until: ContinuousClock.Instant
    }

    private var entries: [String: Entry] = [:]

    /// Notes that an incarnation of a container has ended, once, however often it is seen. `uptime` is for how long it
    /// ran, where that is known.
    mutating func ended(
        _ container: String, incarnation: String, uptime: Duration?, at now: ContinuousClock.Instant
    ) {
        let last = entries[container]
        guard last?.incarnation != incarnation else { return }
        let isSteady = uptime.map { $0 >= Self.reset } ?? false
        let delay = last.map { isSteady ? Self.firstDelay : min($0.delay * 2, Self.longestDelay) } ?? Self.firstDelay
        entries[container] = Entry(incarnation: incarnation, delay: delay, until: now + delay)
    }

    /// Forgets a container that is wanted anew, or no more.
    mutating func forget(_ container: String) { entries[container] = nil }

    /// Until when a container has to wait; `nil` where it may be started.
    func waiting(_ container: String, at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        entries[container].flatMap { $0.until > now ? $0.until : nil }
    }

    /// How long a container had to wait last; nothing where it never ended.
    func delay(_ container: String) -> Duration { entries[container]?.delay ?? .zero }

    /// The containers that have to wait.
    func waiting(at now: ContinuousClock.Instant) -> [String: ContinuousClock.Instant] {
        entries.filter { $0.value.until > now }.mapValues(\.until)
    }
}
