/// Waits, after an agent has joined its fleet, until those that begin at the same time have joined it too: whoever is
/// first would take all replicas, start them, and stop them again for the others.
///
/// A node claims replicas only after that. It is over for good when nobody new has come for a while, and after a bounded
/// time in any case; a node that dies later is waited for by nobody. Pure: the time is passed in.
struct FleetSettling {
    /// For how long nobody new may come.
    static let quiet = Duration.seconds(1)
    /// How long it goes on at most.
    static let longest = Duration.seconds(5)

    private var members: Set<String> = []
    private var joined: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?
    private var isOver = false

    /// Until when to wait, by those who are members now; `nil` where there is nothing to wait for any more.
    mutating func deadline(_ members: Set<String>, at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard !isOver else { return nil }
        if !members.isSubset(of: self.members) || last == nil { last = now }
        self.members.formUnion(members)
        let began = joined ?? now
        joined = began
        let end = min((last ?? now) + Self.quiet, began + Self.longest)
        isOver = end <= now
        return isOver ? nil : end
    }
}
