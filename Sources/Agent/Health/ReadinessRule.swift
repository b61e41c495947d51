import Containers
import Drivers
import Model
import Planning

/// Tells how a replica stands.
struct ReadinessRule {
    /// For how long a process without a health check has to run before it counts: most that cannot run end at once.
    static let settling = Duration.seconds(2)
    /// A replica that ran for so long before anybody asked for its health is trusted until there is an answer: so an agent
    /// that starts takes nobody out of the balance.
    static let trusted = Duration.seconds(10)

    /// The replica, as it should be.
    let container: Container
    /// As it was found; `nil` where there is nothing.
    let found: ObservedContainer?
    /// By which check the running process is asked: its own, which may be an older one than the manifest has.
    let check: Healthcheck?
    /// What the answers of this incarnation came to; `nil` where none was asked for.
    let health: Health.Status?
    /// How long a process without a check has to run.
    var settling = ReadinessRule.settling

    /// For how long it has been running at a time in milliseconds since 1970.
    func uptime(at now: Int64) -> Duration { found?.uptime(at: now) ?? .zero }

    /// How it stands.
    func readiness(at now: Int64) -> Readiness {
        guard let found else { return .away }
        guard found.state == .running else {
            // One that may rest when its work is done has not failed.
            return found.rests(as: container) ? .ready : .away
        }
        guard check != nil else { return uptime(at: now) >= settling ? .ready : .pending }
        switch health {
        case .healthy: return .ready
        case .unhealthy: return .away
        case .starting, nil: return .pending
        }
    }

    /// Whether traffic is to be kept from it.
    func isUnready(at now: Int64) -> Bool {
        guard let found else { return container.healthcheck != nil }
        guard found.state == .running else { return true }
        guard let check else { return false }
        switch health {
        case .healthy: return false
        case .unhealthy: return true
        case .starting, nil: return uptime(at: now) < max(check.startPeriod, Self.trusted)
        }
    }

    /// When it will be known how it stands, in milliseconds since 1970; `nil` where that is not a matter of time.
    var settlesAt: Int64? {
        guard let found, found.state == .running, check == nil else { return nil }
        let (seconds, attoseconds) = settling.components
        return found.startedAt + seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

extension ObservedContainer {
    /// Whether it ended and is to stay so, as its container should be.
    func rests(as container: Container) -> Bool {
        state != .running && RestartRule.desiredState(container, ProcessFacts(self)) == "exited"
    }
}
