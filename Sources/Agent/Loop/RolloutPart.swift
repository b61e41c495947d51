import Fleet
import Model
import Planning

/// What the agent remembers of its part in a rollout. Losing it costs a look.
struct RolloutPart {
    /// So long all has to be well before a node counts as healthy.
    static let steady = Duration.seconds(3)
    /// So long it lets others take their time before it lets them go first: what is free is claimed in a moment.
    static let waiting = Duration.seconds(3)
    /// After so many failed passes in a row a commit has failed: what one cannot do the next one often can.
    static let patience = 3

    /// How this node stands, for `status`.
    var standing: RolloutStanding?
    /// When to ask again although nothing was heard.
    var due: ContinuousClock.Instant?
    /// What taking a commit would mean, from which one and for which sequence it was asked.
    var preview: (commit: String, from: String?, sequence: Int64, answer: RolloutNode.Preview)?
    /// The rollout of a view, and of which revision of it.
    private var shown: (revision: Int64, rollout: FleetRollout)?
    /// The last pass over everything.
    private(set) var pass: (revision: String, isConverged: Bool, failures: Int, problem: String)?
    /// Since when passes do all but what other nodes have to give up something for first; `nil` where they do not.
    private(set) var waitsSince: ContinuousClock.Instant?
    /// Since when all is well.
    private(set) var wellSince: ContinuousClock.Instant?
    private var told: RolloutStanding?
    private var toldRecord: RolloutRecord?
    private var wasComplete = false

    /// What a view shows of the rollout.
    mutating func rollout(of view: FleetView) -> FleetRollout {
        if let shown, shown.revision == view.revision { return shown.rollout }
        let rollout = FleetRollout(view)
        shown = (view.revision, rollout)
        return rollout
    }

    /// Notes how a pass ended, and what was wrong first.
    mutating func passed(_ outcome: PassOutcome, _ problem: Diagnostic?, _ input: PassInput) {
        let before = pass?.revision == input.revision ? pass?.failures ?? 0 : 0
        // Nobody asks in between how long another commit has been well.
        if pass?.revision != input.revision { (wellSince, waitsSince) = (nil, nil) }
        waitsSince = outcome.waitsForOthers ? waitsSince ?? .now : nil
        let words = problem.map { problem in
            (problem.resource.map { "\($0): " } ?? "")
                + [problem.message, problem.cause].compactMap { $0 }
                .joined(separator: ": ")
        }
        pass = (
            input.revision, outcome.isConverged,
            problem == nil || outcome.waitsForOthers ? 0 : before + 1,
            words ?? "something still differs from the manifests"
        )
    }

    /// How long all has been well.
    mutating func well(_ isWell: Bool, at now: ContinuousClock.Instant) -> Duration {
        guard isWell else {
            wellSince = nil
            return .zero
        }
        if wellSince == nil { wellSince = now }
        return wellSince.map { now - $0 } ?? .zero
    }

    /// True where this is to be told: what goes on is told once.
    mutating func isNews(_ standing: RolloutStanding) -> Bool {
        var key = standing
        if standing.state == RolloutProgress.State.changing.rawValue { key.reason = "" }
        defer { told = key }
        return told != key
    }

    /// What is new about the rollout itself: its state, and why.
    mutating func news(of rollout: FleetRollout) -> (state: String, reason: String)? {
        guard let record = rollout.record else { return nil }
        let isComplete = rollout.isComplete
        defer { (toldRecord, wasComplete) = (record, isComplete) }
        if isComplete, !record.isPaused {
            return wasComplete && toldRecord == record ? nil : ("complete", "every node has it")
        }
        guard toldRecord != record else { return nil }
        if record.isPaused { return ("paused", "no node begins to change") }
        switch record.state {
        case .running:
            return ("running", toldRecord.map { $0.revision == record.revision } ?? false ? "it goes on" : "it begins")
        case .stopped: return ("stopped", "node \(record.node ?? "?"): \(record.reason ?? "it failed")")
        case .undone: return ("undone", "back to commit \((record.previous ?? "").prefix(12))")
        }
    }
}
