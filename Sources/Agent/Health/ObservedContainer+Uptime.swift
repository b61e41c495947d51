import Containers

extension ObservedContainer {
    /// For how long it has been running at a time in milliseconds since 1970. One that began later than it is now began
    /// before the clock was set back: how long ago nobody knows, and it counts as long ago.
    func uptime(at now: Int64) -> Duration {
        startedAt <= now ? .milliseconds(now - startedAt) : .seconds(86_400)
    }
}
