import Model

extension FleetSession {
    /// Says what is to be known of this node; replaces what was said before. It is written when etcd is there: it need
    /// not be called again after that was away. Only what differs is written, many keys in one transaction.
    public func publish(_ publication: FleetPublication) {
        guard publication != self.publication else { return }
        self.publication = publication
        publisher?.yield()
    }

    /// The values that should be in etcd.
    var wanted: [String: [UInt8]] {
        var publication = publication ?? FleetPublication(node: NodeEntry(name: membership.node))
        publication.node.instance = membership.instance
        publication.node.certificateEnds = (try? CertificateFacts(pem: membership.identity.certificate))?.ends ?? 0
        var values = [keys.node(membership.node): Array(publication.node.json.text().utf8)]
        for var endpoint in publication.endpoints {
            endpoint.node = membership.node
            values[keys.endpoint(endpoint)] = Array(endpoint.json.text().utf8)
        }
        return values
    }

    /// Makes etcd have it. Nothing is removed before there is something to publish.
    func writePublication() async throws(Diagnostic) {
        let (lease, wanted) = (known.lease, wanted)
        guard lease != 0, publication != nil else { return }
        var operations: [EtcdTransaction.Operation] = []
        for key in written.keys.sorted() where wanted[key] == nil { operations.append(.delete(key)) }
        for (key, value) in wanted.sorted(by: { $0.key < $1.key }) where written[key]?.value != value {
            operations.append(.put(key, value, lease: lease))
        }
        for start in stride(from: 0, to: operations.count, by: EtcdTransaction.limit) {
            let chunk = Array(operations[start..<min(start + EtcdTransaction.limit, operations.count)])
            let outcome = try await client.commit(EtcdTransaction([], then: chunk))
            for operation in chunk {
                switch operation {
                case .put(let key, let value, _): written[key] = Written(value: value, revision: outcome.revision)
                case .delete(let key): written[key] = nil
                case .get: break
                }
            }
        }
    }

    /// Takes over what a former life of this node has left: what it wrote, so that only differences are written and what
    /// is no longer wanted goes, and what it held. Once, since later this life knows better.
    func takeOver() {
        guard let left = former else { return }
        former = nil
        for (key, item) in left {
            // Bound to another lease it has to be written again.
            written[key] = Written(value: item.lease == known.lease ? item.value : [], revision: item.modRevision)
        }
        for claim in known.own where claim.key.endsWithLease {
            held[claim.key] = ClaimRequest(claim.key, holder: claim.holder)
        }
    }
}
