import Model

extension FleetView {
    /// Takes everything from a listing, in place of what was known.
    mutating func load(_ listing: EtcdListing, _ keys: FleetKeys) {
        let before = endpoints
        (nodes, claims, endpoints, rollout, renewals) = ([:], ClaimTable(), [:], [:], [:])
        for item in listing.items { put(item, keys) }
        revision = listing.revision
        (recent, recentSince) = ([], revision)
        for network in Set(before.keys).union(endpoints.keys) where before[network] != endpoints[network] {
            endpointRevisions[network] = listing.revision
        }
    }

    /// Takes over some changes; answers whether anything is different now.
    @discardableResult
    mutating func apply(_ batch: EtcdWatchBatch, _ keys: FleetKeys) -> Bool {
        for change in batch.changes {
            switch change {
            case .put(let item):
                put(item, keys)
                note(item.key, item.modRevision, keys)
            case .deleted(let key, let revision):
                delete(key, revision, keys)
                note(key, revision, keys)
            }
        }
        forgetOld()
        revision = max(revision, batch.revision)
        return !batch.changes.isEmpty
    }

    /// As many changes are kept.
    private static let recentLimit = 1024

    private mutating func note(_ key: String, _ revision: Int64, _ keys: FleetKeys) {
        switch keys.meaning(key) {
        case .endpoint(let network, let node, let container):
            recent.append(Recent(revision: revision, key: .endpoint(network: network, name: "\(node)/\(container)")))
        case .claim(let claim): recent.append(Recent(revision: revision, key: .claim(claim)))
        default: recent.append(Recent(revision: revision, key: .other))
        }
    }

    /// A transaction has one revision for all that it changes: it is forgotten as a whole.
    private mutating func forgetOld() {
        guard recent.count > Self.recentLimit else { return }
        recentSince = recent[recent.count - Self.recentLimit / 2].revision
        recent.removeAll { $0.revision <= recentSince }
    }

    /// What cannot be read is as if it were not there.
    private mutating func put(_ item: EtcdKeyValue, _ keys: FleetKeys) {
        switch keys.meaning(item.key) {
        case .node(let name): nodes[name] = NodeEntry(name, item)
        case .claim(let key): claims[key] = Claim(key, item)
        case .endpoint(let network, let node, let container):
            let entry = EndpointEntry(network: network, node: node, container: container, item)
            set(entry, network, "\(node)/\(container)", item.modRevision)
        case .rollout(let name): rollout[name] = item.json.map { RolloutValue(json: $0, revision: item.modRevision) }
        case .renewal(let node): renewals[node] = item.json?["certificate"]?.string
        case nil: break
        }
    }

    private mutating func delete(_ key: String, _ revision: Int64, _ keys: FleetKeys) {
        switch keys.meaning(key) {
        case .node(let name): nodes[name] = nil
        case .claim(let key): claims[key] = nil
        case .endpoint(let network, let node, let container): set(nil, network, "\(node)/\(container)", revision)
        case .rollout(let name): rollout[name] = nil
        case .renewal(let node): renewals[node] = nil
        case nil: break
        }
    }

    private mutating func set(_ entry: EndpointEntry?, _ network: String, _ name: String, _ revision: Int64) {
        endpoints[network, default: [:]][name] = entry
        if endpoints[network]?.isEmpty == true { endpoints[network] = nil }
        endpointRevisions[network] = revision
    }
}
