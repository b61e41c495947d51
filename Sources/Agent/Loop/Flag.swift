import Synchronization

/// Something that one thread says and another hears once.
final class Flag: Sendable {
    private let isSet = Atomic<Bool>(false)

    /// Says it.
    func set() { isSet.store(true, ordering: .releasing) }

    /// Whether it was said since the last call.
    func take() -> Bool { isSet.exchange(false, ordering: .acquiring) }
}
