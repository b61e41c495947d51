internal import GRPCCore
import Model

extension EtcdClient {
    /// A key; `nil` where there is none.
    public func get(_ key: String) async throws(Diagnostic) -> EtcdKeyValue? {
        let request = Etcdserverpb_RangeRequest.with { $0.key = EtcdBytes.of(key) }
        let options = options
        return try await call { connection in
            let answer = try await connection.values.range(request, metadata: Self.metadata, options: options)
            return answer.kvs.first.map(EtcdKeyValue.init)
        }
    }

    /// All keys that begin so, at one revision, in pages.
    ///
    /// - Parameters:
    ///   - start: The first of them that is wanted, in their order; `nil`: all.
    ///   - page: How many keys to ask for at once.
    public func list(_ prefix: String, from start: String? = nil, page: Int = 2000) async throws(Diagnostic)
        -> EtcdListing
    {
        // A compaction between two pages makes the revision of the first one unreadable: then from the start.
        var attempt = 1
        while true {
            do throws(Diagnostic) { return try await listOnce(prefix, start, page) } catch {
                guard error.code == EtcdCode.compacted, attempt < 5 else { throw error }
                attempt += 1
            }
        }
    }

    private func listOnce(_ prefix: String, _ start: String?, _ page: Int) async throws(Diagnostic) -> EtcdListing {
        var listing = EtcdListing(items: [], revision: 0, cluster: 0)
        var request = Etcdserverpb_RangeRequest.with {
            $0.key = EtcdBytes.of(start ?? prefix)
            $0.rangeEnd = EtcdBytes.end(ofPrefix: prefix)
            $0.limit = Int64(page)
        }
        let options = options
        while true {
            let asked = request
            let answer = try await call { connection in
                try await connection.values.range(asked, metadata: Self.metadata, options: options)
            }
            listing.items += answer.kvs.map(EtcdKeyValue.init)
            if listing.revision == 0 {
                (listing.revision, listing.cluster) = (answer.header.revision, answer.header.clusterID)
                request.revision = answer.header.revision
            }
            guard answer.more, let last = answer.kvs.last else { return listing }
            request.key = last.key + [0]
        }
    }

    /// Writes a key.
    public func put(_ key: String, _ value: [UInt8], lease: Int64 = 0) async throws(Diagnostic) {
        _ = try await commit(EtcdTransaction([], then: [.put(key, value, lease: lease)]))
    }

    /// Deletes a key; that there is none is success.
    public func delete(_ key: String) async throws(Diagnostic) {
        _ = try await commit(EtcdTransaction([], then: [.delete(key)]))
    }

    /// Carries out a transaction.
    public func commit(_ transaction: EtcdTransaction) async throws(Diagnostic) -> EtcdTransaction.Outcome {
        let request = transaction.message
        let options = options
        let answer = try await call { connection in
            try await connection.values.txn(request, metadata: Self.metadata, options: options)
        }
        let found: [EtcdKeyValue?] = answer.responses.compactMap { response in
            guard case .responseRange(let range) = response.response else { return nil }
            return .some(range.kvs.first.map(EtcdKeyValue.init))
        }
        return EtcdTransaction.Outcome(
            succeeded: answer.succeeded, revision: answer.header.revision, found: found)
    }

    /// What a member says of itself: its version, the size of its database in bytes, whether it has a leader, alarms.
    public func status() async throws(Diagnostic) -> EtcdStatus {
        let options = options
        return try await call { connection in
            let answer = try await connection.maintenance.status(
                Etcdserverpb_StatusRequest(), metadata: Self.metadata, options: options)
            return EtcdStatus(
                member: connection.endpoint, version: answer.version, databaseSize: answer.dbSize,
                hasLeader: answer.leader != 0, errors: answer.errors)
        }
    }
}
