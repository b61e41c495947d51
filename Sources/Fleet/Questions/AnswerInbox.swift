import Model

/// Where answers come in, from a watch or a listing.
actor AnswerInbox {
    /// Up to which revision all is known.
    private(set) var revision: Int64 = 0
    /// Whether nothing more is wanted.
    private(set) var isDone = false
    private let keys: FleetKeys
    private let id: String
    private let handle: @Sendable (Answer) async -> Bool
    private var assembly = AnswerAssembly()

    init(_ keys: FleetKeys, _ id: String, _ handle: @escaping @Sendable (Answer) async -> Bool) {
        (self.keys, self.id, self.handle) = (keys, id, handle)
    }

    func reached(_ revision: Int64) { self.revision = max(self.revision, revision) }

    /// Throws where nothing more is wanted.
    func take(_ batch: EtcdWatchBatch) async throws(Diagnostic) {
        for case .put(let item) in batch.changes { try await take(item) }
        reached(batch.revision)
    }

    /// The same of all that there is, after changes were missed.
    func take(_ listing: EtcdListing) async throws(Diagnostic) {
        // By when it was said: the keys' order is another one.
        for item in listing.items.sorted(by: { $0.modRevision < $1.modRevision }) { try await take(item) }
        reached(listing.revision)
    }

    private func take(_ item: EtcdKeyValue) async throws(Diagnostic) {
        guard let node = keys.answerer(of: item.key, id), let piece = AnswerPiece(item.value),
            let answer = assembly.take(piece, of: node)
        else { return }
        guard await handle(answer) else {
            isDone = true
            throw Diagnostic(code: EtcdCode.cancelled, "nothing more is wanted")
        }
    }
}
