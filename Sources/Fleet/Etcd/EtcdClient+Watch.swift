internal import GRPCCore
import Model

extension EtcdClient {
    /// Hears of all changes of keys that begin so, from a revision on, until the member fails, which it throws.
    ///
    /// Throws ``EtcdCode/compacted`` where etcd no longer has all of them: list again, then watch from there.
    ///
    /// - Parameters:
    ///   - start: The first of these keys that is wanted, in their order; `nil`: all.
    ///   - handle: Called with one batch after the other; what it throws ends the watch.
    public func watch(
        _ prefix: String, startingAt start: String? = nil, from revision: Int64,
        _ handle: @escaping @Sendable (EtcdWatchBatch) async throws -> Void
    ) async throws(Diagnostic) {
        let connection = try connected()
        let options = streamOptions
        let create = Etcdserverpb_WatchRequest.with {
            $0.createRequest = .with {
                $0.key = EtcdBytes.of(start ?? prefix)
                $0.rangeEnd = EtcdBytes.end(ofPrefix: prefix)
                $0.startRevision = revision
                // So that the point to go on from moves even where nothing changes below the prefix.
                $0.progressNotify = true
                // What is larger than a message comes in pieces.
                $0.fragment = true
            }
        }
        do {
            try await connection.watches.watch(metadata: Self.metadata, options: options) { writer in
                try await writer.write(create)
                // The stream ends when its writer does.
                while true { try await Task.sleep(for: .seconds(3600)) }
            } onResponse: { response in
                var pending: [EtcdWatchBatch.Change] = []
                for try await message in response.messages {
                    if message.canceled {
                        guard message.compactRevision == 0 else {
                            throw Diagnostic(
                                code: EtcdCode.compacted, "etcd no longer has the changes since revision \(revision)")
                        }
                        throw RPCError(code: .unavailable, message: "etcdserver: \(message.cancelReason)")
                    }
                    pending += message.events.map(Self.change)
                    if message.fragment { continue }
                    if message.created {
                        // A cluster that was made anew counts from the start again.
                        guard message.header.revision >= revision - 1 else {
                            throw Diagnostic(code: EtcdCode.compacted, "etcd is behind revision \(revision)")
                        }
                        continue
                    }
                    try await handle(EtcdWatchBatch(changes: pending, revision: message.header.revision))
                    pending = []
                }
                throw RPCError(code: .unavailable, message: "etcd ended the watch")
            }
        } catch {
            let failure = EtcdFailure(error, connection.endpoint)
            if failure.isOfMember { giveUp(connection) }
            throw failure.diagnostic
        }
    }

    private static func change(_ event: Etcdserverpb_Event) -> EtcdWatchBatch.Change {
        switch event.type {
        case .delete:
            .deleted(String(decoding: event.kv.key, as: UTF8.self), revision: event.kv.modRevision)
        default: .put(EtcdKeyValue(event.kv))
        }
    }
}
