import Model

/// A change of a rollout in etcd: done as one, and only while the rollout is as it was seen.
public struct RolloutWrite: Hashable, Sendable {
    /// The revision in which the record was last written when it was seen; 0 where there was none.
    public var recordRevision: Int64
    /// The same of the settings; `nil` where they do not matter.
    public var settingsRevision: Int64?
    /// A new record.
    public var record: RolloutRecord?
    /// New settings.
    public var settings: RolloutSettings?
    /// What is to be known of nodes, by name.
    public var progress: [String: RolloutProgress] = [:]
    /// The turn to take: it must be nobody's.
    public var take: Int?
    /// The turn to give back: it must be as it was seen.
    public var release: Claim?

    init(_ rollout: FleetRollout) { recordRevision = rollout.recordRevision }

    /// As etcd does it, for a node with a lease.
    func transaction(_ keys: FleetKeys, node: String, lease: Int64) -> EtcdTransaction {
        func unchanged(_ key: String, _ revision: Int64) -> EtcdTransaction.Condition {
            revision == 0 ? .absent(key) : .unchanged(key, since: revision)
        }
        func put(_ name: String, _ json: JSONValue) -> EtcdTransaction.Operation {
            .put(keys.rollout(name), Array(json.text().utf8), lease: 0)
        }
        var transaction = EtcdTransaction([unchanged(keys.rollout(FleetRollout.current), recordRevision)], then: [])
        if let settingsRevision {
            transaction.conditions.append(unchanged(keys.rollout(FleetRollout.settings), settingsRevision))
        }
        if let record { transaction.then.append(put(FleetRollout.current, record.json)) }
        if let settings { transaction.then.append(put(FleetRollout.settings, settings.json)) }
        for (node, progress) in progress.sorted(by: { $0.key < $1.key }) {
            transaction.then.append(put(FleetRollout.nodes + node, progress.json))
        }
        if let take {
            let claim = Claim(key: .turn(take), node: node, holder: FleetRollout.holder)
            transaction.conditions.append(.absent(keys.claim(claim.key)))
            transaction.then.append(.put(keys.claim(claim.key), Array(claim.json.text().utf8), lease: lease))
        }
        if let release {
            transaction.conditions.append(.unchanged(keys.claim(release.key), since: release.revision))
            transaction.then.append(.delete(keys.claim(release.key)))
        }
        return transaction
    }
}

extension EtcdClient {
    /// Changes a rollout, where it is still as it was seen, or is already as it would be then; answers with the revision
    /// of that, and with `nil` where it is another one.
    func commit(
        _ write: RolloutWrite, _ keys: FleetKeys, node: String, lease: Int64
    ) async throws(Diagnostic) -> Int64? {
        let transaction = write.transaction(keys, node: node, lease: lease).recognizable
        let outcome = try await commit(transaction)
        if outcome.succeeded { return outcome.revision }
        guard transaction.wasDone(outcome.found) else { return nil }
        return outcome.found.compactMap { $0?.modRevision }.max() ?? outcome.revision
    }
}
