import Model

/// How a container's health stands, by the answers that its check gave (as Docker counts them, `daemon/health.go`).
public struct Health: Hashable, Sendable {
    /// The three states.
    public enum Status: String, Hashable, Sendable {
        /// Not yet known: no check has passed since the start, and not enough have failed.
        case starting
        case healthy
        case unhealthy
    }

    /// How it stands.
    public private(set) var status = Status.starting
    /// Failures in a row.
    public private(set) var failures = 0
    /// What the last check wrote, at most 4 KiB of it.
    public private(set) var output = ""

    static let outputLimit = 4096

    /// Takes an answer into account. Failures within the start period do not count, until a check has passed.
    mutating func record(_ answer: HealthAnswer, of check: Healthcheck, uptime: Duration) {
        output = answer.output
        if answer.passed {
            failures = 0
            status = .healthy
        } else if status != .starting || uptime >= check.startPeriod {
            failures += 1
            if failures >= check.retries { status = .unhealthy }
        }
    }

    /// A health from a note.
    public init(status: Status = .starting, failures: Int = 0, output: String = "") {
        self.status = status
        self.failures = failures
        self.output = output
    }
}

/// What one run of a check gave.
struct HealthAnswer: Hashable, Sendable {
    /// The command ended with 0 in time.
    let passed: Bool
    /// What it wrote.
    let output: String
}
