import Model

extension FleetSession {
    /// Takes claims, each by a transaction, so that nothing is held twice. The outcomes are in the requests' order. What is
    /// held already by this node for the same holder is taken.
    ///
    /// Throws where etcd is away: then nothing is known of what became of the requests, and asking again is safe.
    public func claim(_ requests: [ClaimRequest]) async throws(Diagnostic) -> [ClaimOutcome] {
        let lease = known.lease
        guard lease != 0 || !requests.contains(where: \.key.endsWithLease) else { throw away }
        let outcomes = try await book.take(requests, lease: lease)
        for (request, outcome) in zip(requests, outcomes) where request.key.endsWithLease {
            held[request.key] = outcome.isTaken ? ClaimRequest(request.key, holder: request.holder) : nil
        }
        return outcomes
    }

    /// Gives claims of this node back; others are left alone.
    public func release(_ claims: [ClaimKey]) async throws(Diagnostic) {
        for key in claims {
            held[key] = nil
            guard let item = try await client.get(keys.claim(key)), let claim = Claim(key, item),
                claim.node == membership.node
            else { continue }
            try await book.release(claim)
        }
    }

    /// The VNI of a network: the one that it has in the fleet, else the first of some candidates that is free, which it
    /// then has for all nodes. `nil` where none of them is free.
    public func claimNetwork(
        _ name: String, candidates: some Sequence<UInt32> & Sendable
    ) async throws(Diagnostic) -> UInt32? {
        for vni in candidates {
            if let claim = try await book.takeNetwork(name, vni: vni) { return claim.vni }
        }
        return nil
    }

    /// Gives a network's VNI back, where no address of it is claimed any more; false where one is.
    public func releaseNetwork(_ name: String) async throws(Diagnostic) -> Bool {
        let key = ClaimKey.network(name)
        guard let item = try await client.get(keys.claim(key)), let claim = Claim(key, item) else { return true }
        return try await book.releaseNetwork(claim)
    }

    /// Writes a value of the rollout, where it is still as it was seen; false where it is not.
    ///
    /// - Parameter revision: That of the value to replace; `nil` for none.
    public func setRollout(
        _ name: String, _ value: JSONValue, replacing revision: Int64?
    ) async throws(Diagnostic) -> Bool {
        let key = keys.rollout(name)
        let condition = revision.map { EtcdTransaction.Condition.unchanged(key, since: $0) } ?? .absent(key)
        return try await client.commit(
            EtcdTransaction([condition], then: [.put(key, Array(value.text().utf8), lease: 0)])
        ).succeeded
    }

    /// After a new lease: takes again what the node held. What others have taken meanwhile is theirs.
    func retake() async throws(Diagnostic) {
        let requests = held.values.sorted { $0.key.description < $1.key.description }
        guard !requests.isEmpty else { return }
        let outcomes = try await book.take(requests, lease: known.lease)
        for (request, outcome) in zip(requests, outcomes) where !outcome.isTaken { held[request.key] = nil }
    }

    var away: Diagnostic {
        known.problem
            ?? Diagnostic(
                code: "fleet-disconnected", "this node is not a member of the fleet now",
                hint: "reconcile fleet status tells more")
    }
}
