import Model

extension FleetSession {
    /// Changes a rollout, where it is still as it was seen; answers with etcd's revision after it, `nil` where it is not.
    public func write(_ write: RolloutWrite) async throws(Diagnostic) -> Int64? {
        let lease = known.lease
        guard lease != 0 else { throw away }
        let revision = try await client.commit(write, keys, node: membership.node, lease: lease)
        guard let revision else { return nil }
        // With another lease it is taken again, while it is free.
        if let take = write.take { held[.turn(take)] = ClaimRequest(.turn(take), holder: FleetRollout.holder) }
        if let release = write.release { held[release.key] = nil }
        return revision
    }
}
