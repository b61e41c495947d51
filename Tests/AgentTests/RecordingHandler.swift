import Model
import Planning
import Synchronization

/// A handler that does nothing but note what it was given, and fails what it is told to.
final class RecordingHandler: ObjectHandler {
    let kinds: [ObjectKind]
    let isTransactional: Bool
    private let failing: Set<String>
    private let given = Mutex<[[String]]>([])
    /// Waited for before each batch is answered.
    private let gate: (@Sendable () async -> Void)?

    init(
        _ kinds: [ObjectKind], isTransactional: Bool = false, failing: Set<String> = [],
        gate: (@Sendable () async -> Void)? = nil
    ) {
        self.kinds = kinds
        self.isTransactional = isTransactional
        self.failing = failing
        self.gate = gate
    }

    /// The names of what came, a list a batch.
    var batches: [[String]] { given.withLock { $0 } }

    func apply(_ changes: [Change]) async -> [OperationResult] {
        given.withLock { $0.append(changes.map(\.id.name)) }
        await gate?()
        return changes.map { change in
            failing.contains(change.id.name)
                ? .failed(Diagnostic(code: "refused", "\(change.id) was refused")) : .done
        }
    }
}

/// Lets nobody go on until so many have come.
actor Rendezvous {
    private let count: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { self.count = count }

    func arrive() async {
        await withCheckedContinuation { continuation in
            waiting.append(continuation)
            guard waiting.count == count else { return }
            for one in waiting { one.resume() }
            waiting = []
        }
    }
}
