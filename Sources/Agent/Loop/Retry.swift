/// When a pass that failed is tried again: after a second, then ever later, up to a minute.
struct Retry {
    static let firstDelay = Duration.seconds(1)
    static let longestDelay = Duration.seconds(60)

    private var delay = Retry.firstDelay
    /// When it is due; `nil` where nothing failed.
    private(set) var deadline: ContinuousClock.Instant?

    func isDue(at now: ContinuousClock.Instant) -> Bool { deadline.map { $0 <= now } ?? false }

    /// Something failed. What fails while another try is ahead anyway does not put that off.
    mutating func failed(at now: ContinuousClock.Instant) {
        if let deadline, deadline > now { return }
        deadline = now + delay
        delay = min(delay * 2, Self.longestDelay)
    }

    /// All went well.
    mutating func succeeded() { self = Retry() }
}
