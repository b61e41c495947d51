internal import GRPCCore
import Model
import Synchronization

extension EtcdClient {
    /// A new lease: what is bound to it goes when it has not been kept alive for so long, by etcd's clock.
    ///
    /// - Parameter seconds: etcd takes no less than its election timeout allows, about 2.
    public func grantLease(seconds: Int) async throws(Diagnostic) -> Int64 {
        let request = Etcdserverpb_LeaseGrantRequest.with { $0.ttl = Int64(seconds) }
        let options = options
        let answer = try await call { connection in
            try await connection.leases.leaseGrant(request, metadata: Self.metadata, options: options)
        }
        guard answer.error.isEmpty else {
            throw Diagnostic(code: EtcdCode.failed, "etcd grants no lease", cause: answer.error)
        }
        return answer.id
    }

    /// Ends a lease, and with it what is bound to it; that it is over already is success.
    public func revokeLease(_ lease: Int64) async throws(Diagnostic) {
        let request = Etcdserverpb_LeaseRevokeRequest.with { $0.id = lease }
        let options = options
        do throws(Diagnostic) {
            _ = try await call { connection in
                try await connection.leases.leaseRevoke(request, metadata: Self.metadata, options: options)
            }
        } catch {
            guard error.code == EtcdCode.leaseLost else { throw error }
        }
    }

    /// Keeps a lease alive once; false where it is over.
    public func renewLease(_ lease: Int64) async throws(Diagnostic) -> Bool { try await renewedTime(of: lease) > 0 }

    /// Keeps a lease alive once; answers with how long it lives from now on, in seconds, and 0 where it is over.
    public func renewedTime(of lease: Int64) async throws(Diagnostic) -> Int {
        let options = options
        return try await call { connection in
            try await connection.leases.leaseKeepAlive(metadata: Self.metadata, options: options) { writer in
                try await writer.write(.with { $0.id = lease })
            } onResponse: { response in
                for try await message in response.messages { return Int(max(0, message.ttl)) }
                return 0
            }
        }
    }

    /// Keeps a lease alive until it is over or the member fails, which it throws.
    ///
    /// - Parameter interval: How often; an answer may take ``patience`` longer. So a dead member is noticed within both.
    public func keepLease(_ lease: Int64, every interval: Duration) async throws(Diagnostic) {
        let connection = try connected()
        let (options, limit) = (streamOptions, interval + patience)
        let lastAnswer = LastAnswer()
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await connection.leases.leaseKeepAlive(metadata: Self.metadata, options: options) { writer in
                        while true {
                            try await writer.write(.with { $0.id = lease })
                            try await Task.sleep(for: interval)
                        }
                    } onResponse: { response in
                        for try await message in response.messages {
                            guard message.ttl > 0 else {
                                throw Diagnostic(code: EtcdCode.leaseLost, "the lease is over")
                            }
                            lastAnswer.came()
                        }
                    }
                    throw RPCError(code: .unavailable, message: "etcd ended the stream of the lease")
                }
                group.addTask {
                    while true {
                        let age = lastAnswer.age
                        guard age < limit else {
                            throw RPCError(code: .deadlineExceeded, message: "no answer for \(age)")
                        }
                        try await Task.sleep(for: min(limit - age, .milliseconds(500)) + .milliseconds(1))
                    }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            let failure = EtcdFailure(error, connection.endpoint)
            if failure.isOfMember { giveUp(connection) }
            throw failure.diagnostic
        }
    }
}

/// When an answer last came.
private final class LastAnswer: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var age: Duration { ContinuousClock.now - time.withLock { $0 } }

    func came() { time.withLock { $0 = .now } }
}
