import Containers
import LinuxHost
import Model
import Planning
import Synchronization

/// Tells of what the agent does: events to the log on disk and, line by line, to whoever listens.
public final class AgentLog: PassReporter {
    private struct State {
        var started: [ResourceID: ContinuousClock.Instant] = [:]
        var repaired: [Change] = []
        /// When what is being repaired was heard of.
        var heard: ContinuousClock.Instant?
        var revision = ""
    }

    private let events: EventLog
    private let listener: @Sendable (Event) -> Void
    private let state = Mutex(State())

    /// A log that writes to `events` and calls `listener` with each event.
    public init(events: EventLog, listener: @escaping @Sendable (Event) -> Void) {
        self.events = events
        self.listener = listener
    }

    /// The same log for what goes on beside the loop: of its own is what it repaired, and when that was heard of.
    func beside() -> AgentLog {
        let other = AgentLog(events: events, listener: listener)
        other.set(revision: state.withLock(\.revision))
        return other
    }

    /// The state of the manifests that events are about from now on.
    func set(revision: String) { state.withLock { $0.revision = revision } }

    /// When the events that lead to the next pass were heard; `nil` where none did.
    func set(heard: ContinuousClock.Instant?) { state.withLock { $0.heard = heard } }

    /// Drift that was repaired since the last call.
    func takeRepaired() -> [Change] {
        state.withLock { state in
            defer { state.repaired = [] }
            return state.repaired
        }
    }

    /// Writes an event of the agent itself.
    func note(
        _ kind: Event.Kind, _ cause: String, resource: ResourceID? = nil, object: String? = nil, field: String? = nil,
        source: SourcePosition? = nil
    ) {
        var event = Event(
            time: Timestamp.now(), kind: kind, resource: resource, object: object,
            revision: state.withLock(\.revision))
        event.cause = cause
        event.field = field
        event.source = source
        write([event])
    }

    /// Writes what is wrong, or was noticed, as an event.
    func note(_ diagnostic: Diagnostic) {
        var event = Event(
            time: Timestamp.now(), kind: diagnostic.severity == .error ? .failed : .manifest,
            resource: diagnostic.resource, revision: state.withLock(\.revision))
        event.cause = [diagnostic.message, diagnostic.cause, diagnostic.hint].compactMap { $0 }.joined(separator: ": ")
        event.source = diagnostic.position
        write([event])
    }

    /// Writes that a container's health changed.
    func note(_ container: String, _ health: Health) {
        var event = Event(
            time: Timestamp.now(), kind: health.status == .unhealthy ? .failed : .updated,
            resource: .container(container), object: ObjectID.process(container).description,
            revision: state.withLock(\.revision))
        event.field = "health"
        let output = health.output.split(whereSeparator: \.isNewline).joined(separator: " | ")
        let failures = health.status == .unhealthy ? " after \(health.failures) failures" : ""
        event.cause = health.status.rawValue + failures + (output.isEmpty ? "" : ": \(output)")
        write([event])
    }

    /// Writes how a container ended that rests now.
    func note(_ container: String, _ end: ProcessEnd, source: SourcePosition?) {
        var event = Event(
            time: Timestamp.now(), kind: end.isSuccess ? .updated : .failed, resource: .container(container),
            object: ObjectID.process(container).description, revision: state.withLock(\.revision))
        event.field = FieldName.state.description
        event.observed = .string(ObservedContainer.State.exited.rawValue)
        event.cause = end.description
        event.source = source
        write([event])
    }

    /// Writes drift that is only reported.
    func report(_ change: Change) {
        var reported = PassEvents.events(
            of: change, .done, revision: state.withLock(\.revision), time: Timestamp.now(), duration: nil)
        for index in reported.indices { reported[index].action = .reported }
        write(reported)
    }

    /// Once the agent was told to end, it begins nothing more: the next one goes on from there.
    public var shouldStop: Bool { SignalPipe.isEnding }

    /// Nothing to tell.
    public func willApply(_ plan: Plan, round: Int) {}

    /// Notes when a resource's first operation began.
    public func begins(_ change: Change) {
        state.withLock { state in
            if state.started[change.resource] == nil { state.started[change.resource] = .now }
        }
    }

    /// Writes what became of an operation.
    public func did(_ change: Change, _ result: OperationResult, in plan: Plan) {
        let (duration, revision) = state.withLock { state in
            let isDrift = change.cause.kind == .drift
            if isDrift, case .done = result { state.repaired.append(change) }
            let start = (isDrift ? state.heard : nil) ?? state.started[change.resource] ?? .now
            let (seconds, attoseconds) = start.duration(to: .now).components
            return (seconds * 1000 + attoseconds / 1_000_000_000_000_000, state.revision)
        }
        write(
            PassEvents.events(of: change, result, revision: revision, time: Timestamp.now(), duration: duration))
    }

    /// Forgets when operations began: before a pass.
    func beginPass() { state.withLock { $0.started = [:] } }

    /// Writes events.
    func write(_ new: [Event]) {
        guard !new.isEmpty else { return }
        let news = events.append(new)
        new.forEach(listener)
        guard let news else { return }
        // Once when the log fails, which then only the listener hears, and once when it works again.
        var event = Event(time: Timestamp.now(), kind: .failed, revision: state.withLock(\.revision))
        event.cause = [news.message, news.cause].compactMap { $0 }.joined(separator: ": ")
        if news.code == "events-lost" { events.append([event]) }
        listener(event)
    }
}
