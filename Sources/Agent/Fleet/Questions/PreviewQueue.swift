import Model
import Planning
import Synchronization

/// Plans that others ask for, until the agent's loop has time: one a turn, after all that is due.
final class PreviewQueue: Sendable {
    /// A plan that is wanted.
    struct Request: Sendable {
        let id: UInt64
        let input: PassInput
        let allowsMassDelete: Bool
    }

    /// As many wait at once.
    static let limit = 16

    private struct State {
        var next: UInt64 = 0
        var waiting: [Request] = []
        var answers: [UInt64: CheckedContinuation<Result<Plan, Diagnostic>, Never>] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wake: @Sendable () -> Void

    /// A queue that calls `wake` when there is something in it.
    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    /// Waits for a plan; given up where the task is cancelled.
    func plan(_ input: PassInput, allowsMassDelete: Bool) async -> Result<Plan, Diagnostic> {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let problem = state.withLock { state -> Diagnostic? in
                    if state.isClosed || Task.isCancelled { return Self.over }
                    guard state.answers.count < Self.limit else { return Self.busy }
                    state.answers[id] = continuation
                    state.waiting.append(Request(id: id, input: input, allowsMassDelete: allowsMassDelete))
                    return nil
                }
                if let problem { continuation.resume(returning: .failure(problem)) } else { wake() }
            }
        } onCancel: {
            settle(id, .failure(Self.over))
        }
    }

    /// The next one that is still wanted.
    func take() -> Request? {
        state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    }

    /// Whether any waits.
    var isEmpty: Bool { state.withLock(\.waiting.isEmpty) }

    /// Answers; where nobody waits any more it does nothing.
    func settle(_ id: UInt64, _ result: Result<Plan, Diagnostic>) {
        let continuation = state.withLock { state in
            state.waiting.removeAll { $0.id == id }
            return state.answers.removeValue(forKey: id)
        }
        continuation?.resume(returning: result)
    }

    /// Answers all, and everyone who asks later: the agent ends.
    func close() {
        let ids = state.withLock { state in
            state.isClosed = true
            return Array(state.answers.keys)
        }
        for id in ids { settle(id, .failure(Self.over)) }
    }

    private static let over = Diagnostic(code: "agent-ends", "its agent ends")
    private static let busy = Diagnostic(
        code: "questions-too-many", "its agent is asked for more than \(limit) plans at once", hint: "try again")
}
