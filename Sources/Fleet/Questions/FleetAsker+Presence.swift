import Model

extension FleetAsker {
    /// Tells which nodes are members, at first and whenever others are, until the task is cancelled. While etcd is away
    /// nothing is told.
    public func presence(_ handle: @escaping @Sendable (Set<String>) async -> Void) async {
        let present = Present(keys)
        while !Task.isCancelled {
            do throws(Diagnostic) {
                let listing = try await client.list(keys.node(""))
                await handle(await present.load(listing))
                try await client.watch(keys.node(""), from: listing.revision + 1) { batch in
                    if let names = await present.take(batch) { await handle(names) }
                }
            } catch {}
            try? await Task.sleep(for: .milliseconds(500))
        }
    }
}

/// The nodes that are members.
private actor Present {
    private let keys: FleetKeys
    private var names: Set<String> = []

    init(_ keys: FleetKeys) { self.keys = keys }

    func load(_ listing: EtcdListing) -> Set<String> {
        names = Set(listing.items.compactMap { name(of: $0.key) })
        return names
    }

    /// `nil` where they are the same as before.
    func take(_ batch: EtcdWatchBatch) -> Set<String>? {
        let before = names
        for change in batch.changes {
            guard let name = name(of: change.key) else { continue }
            if case .put = change { names.insert(name) } else { names.remove(name) }
        }
        return names == before ? nil : names
    }

    private func name(of key: String) -> String? {
        if case .node(let name) = keys.meaning(key) { name } else { nil }
    }
}
