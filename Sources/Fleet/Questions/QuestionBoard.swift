import Synchronization

/// The questions that stand in etcd just now. That there is news only wakes; what stands tells.
public final class QuestionBoard: Sendable {
    /// As many are looked at: whoever puts more is not heard.
    static let limit = 64

    /// Yields when other questions stand.
    public let news: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let standing = Mutex<[String: Question]>([:])

    init() { (news, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Those for a node's agent of a set, in a settled order.
    public func questions(for node: String, set: String) -> [Question] {
        standing.withLock { standing in
            standing.values.filter { $0.isFor(node, set: set) }.sorted { $0.id < $1.id }
        }
    }

    /// Takes all keys that there are.
    func load(_ items: [EtcdKeyValue], _ keys: FleetKeys) {
        let isOther = standing.withLock { standing in
            let before = standing
            standing = [:]
            for item in items { Self.put(item, keys, &standing) }
            return standing != before
        }
        if isOther { signal.yield() }
    }

    /// Takes changes; answers with those that are about something else.
    func take(_ batch: EtcdWatchBatch, _ keys: FleetKeys) -> EtcdWatchBatch {
        guard batch.changes.contains(where: { keys.question(of: $0.key) != nil }) else { return batch }
        standing.withLock { standing in
            for change in batch.changes {
                switch change {
                case .put(let item): Self.put(item, keys, &standing)
                case .deleted(let key, _): if let id = keys.question(of: key) { standing[id] = nil }
                }
            }
        }
        signal.yield()
        var rest = batch
        rest.changes.removeAll { keys.question(of: $0.key) != nil }
        return rest
    }

    private static func put(_ item: EtcdKeyValue, _ keys: FleetKeys, _ standing: inout [String: Question]) {
        guard let id = keys.question(of: item.key), standing[id] != nil || standing.count < limit else { return }
        standing[id] = Question(id, item)
    }
}

extension EtcdWatchBatch.Change {
    /// The key that changed.
    var key: String {
        switch self {
        case .put(let item): item.key
        case .deleted(let key, _): key
        }
    }
}
