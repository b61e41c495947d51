import Fleet
import Model
import Synchronization

/// Writes a node's steps in a rollout to etcd, one at a time and beside the agent's loop, which hears of the outcome as
/// of any news.
final class RolloutWriter: Sendable {
    private let session: FleetSession
    private let isBusy = Mutex(false)

    init(_ session: FleetSession) { self.session = session }

    /// Begins a write, unless one is under way.
    func begin(_ write: RolloutWrite) {
        let isFree = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isFree else { return }
        Task.detached { [self] in
            var revision: Int64?
            do throws(Diagnostic) { revision = try await session.write(write) } catch { revision = nil }
            if let revision {
                // The next step is made from what this one brought.
                for _ in 0..<400 where session.view.revision < revision { try? await Task.sleep(for: .milliseconds(5)) }
            } else {
                // Somebody else wrote, or etcd is away.
                try? await Task.sleep(for: .milliseconds(200))
            }
            isBusy.withLock { $0 = false }
            session.wake.signal()
        }
    }

    /// Whether a write is under way: until it is done the view may be that from before.
    var isWriting: Bool { isBusy.withLock { $0 } }
}
