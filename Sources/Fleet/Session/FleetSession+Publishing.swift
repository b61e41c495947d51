import Model

extension FleetSession {
    /// Says what is to be known of this node; replaces what was said before. It is written when etcd is there: it need
    /// not be called again after that was away. Only what differs is written, many keys in one transaction.
    public func publish(_ publication: FleetPublication) {
        guard publication != self.publication else { return }
        self.publication = publication
        var values: [String: EndpointValue] = [:]
        values.reserveCapacity(publication.endpoints.count)
        for var endpoint in publication.endpoints {
            endpoint.node = membership.node
            let key = keys.endpoint(endpoint)
            // Of thousands of endpoints few change at a time.
            if let same = endpointValues[key], same.entry == endpoint {
                values[key] = same
            } else {
                values[key] = EndpointValue(entry: endpoint, bytes: Array(endpoint.json.text().utf8))
            }
        }
        endpointValues = values
        publisher?.yield()
    }

    /// What the node's entry should be.
    var nodeValue: [UInt8] {
        var node = publication?.node ?? NodeEntry(name: membership.node)
        node.instance = membership.instance
        node.certificateEnds = (try? CertificateFacts(pem: membership.identity.certificate))?.ends ?? 0
        return Array(node.json.text().utf8)
    }

    /// Makes etcd have it. Nothing is removed before there is something to publish.
    func writePublication() async throws(Diagnostic) {
        let (lease, node) = (known.lease, (key: keys.node(membership.node), value: nodeValue))
        guard lease != 0, publication != nil else { return }
        var operations: [EtcdTransaction.Operation] = []
        if written[node.key]?.value != node.value { operations.append(.put(node.key, node.value, lease: lease)) }
        let gone = written.keys.filter { $0 != node.key && endpointValues[$0] == nil }
        operations += gone.sorted().map { .delete($0) }
        let changed = endpointValues.filter { written[$0.key]?.value != $0.value.bytes }
        operations += changed.sorted { $0.key < $1.key }.map { .put($0.key, $0.value.bytes, lease: lease) }
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
