import Agent
import Model
import Planning
import Synchronization

/// Tells of an apply as it goes: one line a resource when its last operation is settled, or one JSON object an
/// operation; and writes the events.
final class ApplyReporter: PassReporter {
    private struct State {
        var open: [ResourceID: Int] = [:]
        var started: [ResourceID: ContinuousClock.Instant] = [:]
        var failed: Set<ResourceID> = []
        var actions: [ResourceID: Set<Change.Action>] = [:]
        /// Resources of which something else than drift is changed.
        var planned: Set<ResourceID> = []
        var settled = 0
        var total = 0
        /// The last line of the terminal says what is under way, and is to be overwritten.
        var hasStatus = false
    }

    private let console: Console
    private let events: EventLog
    private let revision: String
    private let state = Mutex(State())
    private let clock = ContinuousClock()

    init(console: Console, events: EventLog, revision: String) {
        self.console = console
        self.events = events
        self.revision = revision
    }

    var shouldStop: Bool { Interrupts.came }

    func willApply(_ plan: Plan, round: Int) {
        state.withLock { state in
            state.open = Dictionary(plan.changes.map { ($0.resource, 1) }, uniquingKeysWith: +)
            state.started = state.open.mapValues { _ in clock.now }
            state.failed = []
            state.actions = [:]
            state.planned = []
            state.settled = 0
            state.total = plan.changes.count
        }
        if round > 1, !console.isJSON {
            console.write("Round \(round): \(plan.changes.count) more after looking again\n")
        }
    }

    func waits(for replicas: [String], of service: ResourceID) {
        guard !console.isJSON else { return }
        state.withLock { state in
            if state.hasStatus { console.write("\r\u{1b}[K") }
            state.hasStatus = false
            console.write("   \(service)  waits for \(replicas.joined(separator: ", "))\n")
        }
    }

    func begins(_ change: Change) {
        guard console.isTerminal, !console.isJSON, [ObjectKind.image, .process].contains(change.id.kind) else { return }
        state.withLock { state in
            console.write("\r\u{1b}[K [+] \(state.settled)/\(state.total)  \(change.id)")
            state.hasStatus = true
        }
    }

    func did(_ change: Change, _ result: OperationResult, in plan: Plan) {
        let resource = change.resource
        let now = clock.now
        state.withLock { state in
            let took = (state.started[resource] ?? now).duration(to: now)
            let milliseconds = took.components.seconds * 1000 + took.components.attoseconds / 1_000_000_000_000_000
            events.append(
                PassEvents.events(
                    of: change, result, revision: revision, time: Timestamp.now(), duration: milliseconds))
            if console.isJSON { console.writeLine(Self.json(change, result, milliseconds)) }
            if case .undone = result { return }
            state.settled += 1
            state.actions[resource, default: []].insert(change.action)
            if change.cause.kind != .drift { state.planned.insert(resource) }
            if case .failed = result { state.failed.insert(resource) }
            if case .skipped = result { state.failed.insert(resource) }
            state.open[resource, default: 1] -= 1
            if state.open[resource] == 0, !console.isJSON { line(resource, &state, milliseconds) }
        }
    }

    private func line(_ resource: ResourceID, _ state: inout State, _ milliseconds: Int64) {
        let isFailed = state.failed.contains(resource)
        let actions = state.actions[resource] ?? []
        let word =
            isFailed
            ? "Failed"
            : !state.planned.contains(resource)
                ? "Repaired" : actions == [.create] ? "Created" : actions == [.delete] ? "Deleted" : "Updated"
        let mark = isFailed ? console.style.red("✘") : console.style.green("✔")
        let name = resource.description
        let pad = String(repeating: " ", count: max(1, 26 - name.count))
        if state.hasStatus { console.write("\r\u{1b}[K") }
        state.hasStatus = false
        console.write(" \(mark) \(name)\(pad)\(word)  \(Self.seconds(milliseconds))\n")
    }

    static func seconds(_ milliseconds: Int64) -> String {
        "\(milliseconds / 1000).\(milliseconds % 1000 / 100)\(milliseconds % 100 / 10)s"
    }

    private static func json(_ change: Change, _ result: OperationResult, _ milliseconds: Int64) -> JSONValue {
        var status = "done"
        var error = JSONValue.null
        var cause = JSONValue.null
        switch result {
        case .done: break
        case .failed(let diagnostic):
            status = "failed"
            error = diagnostic.json
        case .skipped(let id):
            status = "skipped"
            cause = .string("\(id) failed")
        case .undone: status = "undone"
        }
        return [
            "type": "operation", "resource": .string(change.resource.description),
            "object": .string(change.id.description),
            "actions": change.action == .replace ? ["delete", "create"] : [.string(change.action.rawValue)],
            "status": .string(status), "error": error, "skippedBecause": cause, "durationMs": .int(milliseconds),
        ]
    }
}
