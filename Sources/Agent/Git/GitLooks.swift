import CLinux
import Glibc
import Synchronization

/// Looks at the branch that go on beside the agent's loop, which must not wait for a network.
final class GitLooks: Sendable {
    private struct State {
        var running = 0
        var done: [GitUpdate] = []
        var deadline: ContinuousClock.Instant?
    }

    /// Becomes readable when a look has ended.
    let descriptor: Int32
    private let source: GitSource
    private let state = Mutex(State())

    init(_ source: GitSource) {
        self.source = source
        descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// When the next look is due; `nil` while one is under way: its end is told by the descriptor.
    var deadline: ContinuousClock.Instant? { state.withLock { $0.running > 0 ? nil : $0.deadline } }

    /// Begins a look. While one is under way the source only notes that another one is wanted.
    func begin() {
        state.withLock { $0.running += 1 }
        Task {
            let update = await source.update()
            let deadline = await source.nextDeadline
            state.withLock { state in
                state.running -= 1
                state.deadline = deadline
                if update != .unchanged { state.done.append(update) }
            }
            var one: UInt64 = 1
            _ = write(descriptor, &one, 8)
        }
    }

    /// What looks have brought since this was last asked.
    func take() -> [GitUpdate] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return state.withLock { state in
            defer { state.done = [] }
            return state.done
        }
    }
}
