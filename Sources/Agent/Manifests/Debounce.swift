/// Waits until changes stop: so long after the last one, but no longer than so much after the first.
struct Debounce {
    typealias Instant = ContinuousClock.Instant

    /// How long nothing must have happened.
    let quiet: Duration
    /// How long changes that do not stop are waited for.
    let longest: Duration
    private var first: Instant?
    private var last: Instant?

    init(quiet: Duration, longest: Duration) {
        self.quiet = quiet
        self.longest = longest
    }

    /// When the wait ends; `nil` where nothing has changed.
    var deadline: Instant? {
        guard let first, let last else { return nil }
        return min(last + quiet, first + longest)
    }

    /// Something changed.
    mutating func signal(_ now: Instant) {
        if first == nil { first = now }
        last = now
    }

    /// What changed is dealt with now, whenever the wait would have ended.
    mutating func settle() {
        first = nil
        last = nil
    }
}
