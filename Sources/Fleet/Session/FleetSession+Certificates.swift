import Model

extension FleetSession {
    /// Looks after certificates: takes this node's renewed one when its own is two thirds through, and renews those of
    /// live nodes where the authority is on this host.
    func keepCertificates() async throws(Diagnostic) {
        while true {
            let now = WallClock.now()
            if settings.directory.authority.exists { try await renewOthers(now) }
            // Ends this connection: the next one shows the new certificate.
            if try takeRenewed(now) { return }
            try await pause(settings.certificateInterval)
        }
    }

    /// True where the node has a new certificate now. Only one for its own key and of its own authority is taken, so
    /// nobody who can write to etcd can give it another.
    private func takeRenewed(_ now: Int64) throws(Diagnostic) -> Bool {
        let (identity, own) = (membership.identity, try CertificateFacts(pem: membership.identity.certificate))
        guard own.isDue(at: now), let renewed = known.renewals[membership.node],
            let facts = try? CertificateFacts(pem: renewed), facts.ends > own.ends, facts.holds(at: now),
            facts.name == membership.node, Authority.isIssued(renewed, by: identity.authority),
            Authority.isKey(identity.key, of: renewed)
        else { return false }
        try settings.directory.renew(renewed)
        return true
    }

    /// Puts a new certificate into etcd for each live node whose own is due. It is no secret: it is for the key that the
    /// node has, and of no use to others. A revoked or unknown node gets none.
    private func renewOthers(_ now: Int64) async throws(Diagnostic) {
        let files = settings.directory.authority
        let authority = try files.read()
        for node in known.nodes.keys.sorted() {
            guard let newest = try files.renewClient(authority, node, now: now), known.renewals[node] != newest,
                let facts = try? CertificateFacts(pem: newest), known.nodes[node]?.certificateEnds ?? 0 < facts.ends
            else { continue }
            let value: JSONValue = ["version": 1, "certificate": .string(newest)]
            try await client.put(keys.renewal(node), Array(value.text().utf8))
        }
    }
}
