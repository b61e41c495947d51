import Synchronization

/// A number that threads count down together.
final class Countdown: Sendable {
    private let value: Atomic<Int>

    init(_ start: Int) { value = Atomic(start) }

    /// Takes one off; answers with what is left.
    func decrement() -> Int { value.subtract(1, ordering: .relaxed).newValue }
}
