import Model

/// Takes and releases claims, each by a transaction: so nothing is ever held twice.
struct ClaimBook: Sendable {
    let client: EtcdClient
    let keys: FleetKeys
    let node: String

    /// Takes claims. All at once where all are free, else one after the other; the outcomes are in the requests' order.
    ///
    /// - Parameter lease: What claims that end with the node are bound to.
    func take(_ requests: [ClaimRequest], lease: Int64) async throws(Diagnostic) -> [ClaimOutcome] {
        var outcomes: [ClaimOutcome] = []
        for start in stride(from: 0, to: requests.count, by: EtcdTransaction.limit) {
            let chunk = Array(requests[start..<min(start + EtcdTransaction.limit, requests.count)])
            if let all = try await takeTogether(chunk, lease) {
                outcomes += all
            } else {
                for request in chunk { outcomes.append(try await take(request, lease)) }
            }
        }
        return outcomes
    }

    /// `nil` where not all of them are free.
    private func takeTogether(_ requests: [ClaimRequest], _ lease: Int64) async throws(Diagnostic) -> [ClaimOutcome]? {
        // One key twice in a transaction is an error of etcd.
        guard requests.count > 1, Set(requests.map(\.key)).count == requests.count,
            requests.allSatisfy({ $0.replacing == nil })
        else { return nil }
        let claims = requests.map { claim($0, lease) }
        let outcome = try await client.commit(
            EtcdTransaction(claims.map { .absent(keys.claim($0.key)) }, then: claims.map(put)))
        guard outcome.succeeded else { return nil }
        return claims.map { .taken(dated($0, outcome.revision)) }
    }

    private func take(_ request: ClaimRequest, _ lease: Int64) async throws(Diagnostic) -> ClaimOutcome {
        let claim = claim(request, lease)
        let key = keys.claim(claim.key)
        let condition: EtcdTransaction.Condition =
            request.replacing.map { .unchanged(key, since: $0.revision) } ?? .absent(key)
        // Bounded: each further round means that somebody else let it go in between.
        var free = condition
        for _ in 0..<8 {
            let outcome = try await client.commit(
                EtcdTransaction([free], then: [put(claim)], otherwise: [.get(key)]))
            if outcome.succeeded { return .taken(dated(claim, outcome.revision)) }
            guard let item = outcome.found.first ?? nil else {
                free = .absent(key)
                continue
            }
            guard let present = Claim(claim.key, item) else {
                throw Diagnostic(
                    code: "fleet-claim-unreadable", "the claim of \(claim.key) is not understood",
                    cause: String(decoding: item.value.prefix(200), as: UTF8.self),
                    hint: "a newer version may have written it; bring all nodes to one version")
            }
            guard present.node == claim.node, present.holder == claim.holder else { return .held(by: present) }
            // Ours already, of a former lease perhaps: an answer that was lost, or a former life of this node.
            if present.lease == claim.lease { return .taken(present) }
            free = .unchanged(key, since: present.revision)
        }
        throw Diagnostic(code: "fleet-contended", "\(claim.key) changes hands too often", hint: "try again")
    }

    /// Takes a VNI for a network, for all nodes together; answers with the claim of the network, which may be an older
    /// one with another VNI. `nil` where another network has the VNI.
    func takeNetwork(_ name: String, vni: UInt32) async throws(Diagnostic) -> Claim? {
        let (network, number) = (ClaimKey.network(name), ClaimKey.vni(vni))
        let holder = "network/\(name)"
        let claims = [network, number].map { Claim(key: $0, node: node, holder: holder, vni: vni) }
        let outcome = try await client.commit(
            EtcdTransaction(
                claims.map { .absent(keys.claim($0.key)) }, then: claims.map(put),
                otherwise: [.get(keys.claim(network))]))
        if outcome.succeeded { return dated(claims[0], outcome.revision) }
        return (outcome.found.first ?? nil).flatMap { Claim(network, $0) }
    }

    /// Gives a claim back, where it is still as it was seen; that it is not is success.
    func release(_ claim: Claim) async throws(Diagnostic) {
        let key = keys.claim(claim.key)
        _ = try await client.commit(
            EtcdTransaction([.unchanged(key, since: claim.revision)], then: [.delete(key)]))
    }

    /// Gives a network's VNI back, where no address of the network is claimed; false where one is.
    func releaseNetwork(_ claim: Claim) async throws(Diagnostic) -> Bool {
        guard case .network(let name) = claim.key, let vni = claim.vni else { return true }
        let key = keys.claim(claim.key)
        let outcome = try await client.commit(
            EtcdTransaction(
                [.emptyPrefix(keys.addresses(of: name)), .unchanged(key, since: claim.revision)],
                then: [.delete(key), .delete(keys.claim(.vni(vni)))], otherwise: [.get(key)]))
        guard !outcome.succeeded else { return true }
        // Gone already, or of somebody who took it anew.
        return (outcome.found.first ?? nil)?.modRevision != claim.revision
    }

    private func claim(_ request: ClaimRequest, _ lease: Int64) -> Claim {
        Claim(
            key: request.key, node: node, holder: request.holder, lease: request.key.endsWithLease ? lease : 0)
    }

    private func put(_ claim: Claim) -> EtcdTransaction.Operation {
        .put(keys.claim(claim.key), Array(claim.json.text().utf8), lease: claim.lease)
    }

    private func dated(_ claim: Claim, _ revision: Int64) -> Claim {
        var claim = claim
        claim.revision = revision
        return claim
    }
}
