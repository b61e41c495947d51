import Model

extension FleetSession {
    /// One connection's time: reads, is a member, watches. Answers with what ended it.
    func takePart() async throws(Diagnostic) -> Diagnostic {
        if cluster == nil { try await load() }
        // The first part that ends takes the others along.
        return await withTaskGroup(of: Diagnostic.self) { group in
            for part in Part.allCases { group.addTask { [self] in await end(of: part) } }
            let first = await group.next()
            group.cancelAll()
            return first ?? Diagnostic(code: EtcdCode.cancelled, "cancelled")
        }
    }

    /// What goes on side by side while there is a connection.
    private enum Part: CaseIterable { case watch, membership, certificates }

    /// Runs a part; answers with what ended it.
    private func end(of part: Part) async -> Diagnostic {
        do throws(Diagnostic) {
            switch part {
            case .watch: try await watch()
            case .membership: try await stayMember()
            case .certificates: try await keepCertificates()
            }
            return Diagnostic(code: FleetSession.renewed, "the certificate is renewed")
        } catch { return error }
    }

    /// Reads everything anew.
    func load() async throws(Diagnostic) {
        let listing = try await client.list(keys.prefix, from: keys.followed)
        questions.load(listing.items, keys)
        known.load(listing, keys)
        cluster = listing.cluster
        if former != nil {
            let own = listing.items.filter { item in
                guard case .endpoint(_, let node, _) = keys.meaning(item.key) else {
                    return item.key == keys.node(membership.node)
                }
                return node == membership.node
            }
            former = Dictionary(own.map { ($0.key, $0) }) { $1 }
        }
        compareOwn(listing.items)
        show()
    }

    /// Hears of changes from where the view is; where etcd no longer has them, reads everything and goes on from there.
    private func watch() async throws(Diagnostic) {
        while true {
            do throws(Diagnostic) {
                try await client.watch(keys.prefix, startingAt: keys.followed, from: known.revision + 1) {
                    [self] batch in
                    await take(batch)
                }
            } catch {
                guard error.code == EtcdCode.compacted else { throw error }
                try await load()
            }
        }
    }

    private func take(_ batch: EtcdWatchBatch) {
        // A question is no news of the fleet: it wakes nobody but who answers.
        let batch = questions.take(batch, keys)
        guard known.apply(batch, keys) else { return }
        notice(batch)
        show()
    }

    /// What somebody else did to what is ours in etcd is put right.
    private func notice(_ batch: EtcdWatchBatch) {
        var isDifferent = false
        for change in batch.changes {
            switch change {
            case .put(let item):
                guard let mine = written[item.key], item.modRevision > mine.revision else { continue }
                let isSame = item.value == mine.value && item.lease == known.lease
                written[item.key] = isSame ? Written(value: mine.value, revision: item.modRevision) : nil
                if !isSame { isDifferent = true }
            case .deleted(let key, let revision):
                guard let mine = written[key], revision > mine.revision else { continue }
                written[key] = nil
                isDifferent = true
            }
        }
        if isDifferent { publisher?.yield() }
    }

    /// The same, of a whole listing.
    private func compareOwn(_ items: [EtcdKeyValue]) {
        guard known.lease != 0 else { return }
        let present = Dictionary(items.map { ($0.key, $0) }) { $1 }
        for (key, mine) in written {
            let item = present[key]
            if item?.value != mine.value || item?.lease != known.lease { written[key] = nil }
        }
        publisher?.yield()
    }
}
