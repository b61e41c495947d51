import Fleet
import Model
import Synchronization

/// Writes a node's steps in a rollout to etcd, one at a time and beside the agent's loop, which hears of the outcome as
/// of any news.
final class RolloutWriter: Sendable {
    private let session: FleetSession
    private let state = Mutex(State())

    private struct State {
        var isBusy = false
        var problem: Diagnostic?
        var told: Diagnostic?
    }

    init(_ session: FleetSession) { self.session = session }

    /// Begins a write, unless one is under way.
    func begin(_ write: RolloutWrite) {
        let isFree = state.withLock { state in
            defer { state.isBusy = true }
            return !state.isBusy
        }
        guard isFree else { return }
        Task.detached { [self] in
            var revision: Int64?
            var problem: Diagnostic?
            do throws(Diagnostic) { revision = try await session.write(write) } catch { problem = error }
            if let revision {
                // The next step is made from what this one brought.
                for _ in 0..<400 where session.view.revision < revision { try? await Task.sleep(for: .milliseconds(5)) }
            } else {
                // Somebody else wrote; or etcd is away, or full.
                try? await Task.sleep(for: .milliseconds(problem == nil ? 100 : 1000))
            }
            state.withLock {
                $0.isBusy = false
                $0.problem = problem
            }
            session.wake.signal()
        }
    }

    /// Whether a write is under way: until it is done the view may be that from before.
    var isWriting: Bool { state.withLock { $0.isBusy } }

    /// Why the last write failed, once; `nil` where it did not.
    func takeProblem() -> Diagnostic? {
        state.withLock { state in
            defer { state.told = state.problem }
            return state.problem == state.told ? nil : state.problem
        }
    }
}
