internal import GRPCCore
import Model

/// A client of an etcd cluster: calls go to one member until it fails, then to the next one.
///
/// Each call has a deadline. What is called may be done twice where an answer is lost, so callers only use what bears
/// that: conditions, and writes of whole values.
public actor EtcdClient {
    /// The cluster's members.
    public nonisolated let endpoints: [EtcdEndpoint]
    /// How long a member may take for an answer.
    public nonisolated let patience: Duration
    private var identity: EtcdIdentity
    private var connection: EtcdConnection?
    private var turn: Int

    /// A client; it connects with its first call.
    ///
    /// - Parameters:
    ///   - endpoints: At least one.
    ///   - first: Which of them is tried first; nodes that differ here spread over the members.
    public init(
        endpoints: [EtcdEndpoint], identity: EtcdIdentity, patience: Duration = .seconds(2), first: Int = 0
    ) {
        precondition(!endpoints.isEmpty)
        self.endpoints = endpoints
        self.identity = identity
        self.patience = patience
        turn = abs(first % endpoints.count)
    }

    /// Shows another certificate from the next connection on, which is made with the next call.
    public func use(_ identity: EtcdIdentity) {
        guard identity != self.identity else { return }
        self.identity = identity
        close()
    }

    /// Ends the connection and what it carries. The next call makes a new one.
    public func close() {
        connection?.close()
        connection = nil
    }

    /// The member that is connected to; `nil` where none is.
    public var member: EtcdEndpoint? { connection?.endpoint }

    /// What a call carries. With `hasleader` a member that lost its leader says so instead of keeping a stream silent.
    nonisolated static let metadata: GRPCCore.Metadata = ["hasleader": "true"]

    nonisolated var options: CallOptions {
        var options = CallOptions.defaults
        options.timeout = patience
        options.waitForReady = false
        options.maxResponseMessageBytes = 32 << 20
        return options
    }

    /// Streams have no end; who reads them judges whether they are alive.
    nonisolated var streamOptions: CallOptions {
        var options = options
        options.timeout = nil
        return options
    }

    /// Runs a call on the member in use, and on each of the others where it is the member that fails.
    func call<Answer: Sendable>(
        _ body: @Sendable (EtcdConnection) async throws -> Answer
    ) async throws(Diagnostic) -> Answer {
        var failures: [Diagnostic] = []
        // One more than there are: the connection in use may have died unnoticed.
        let attempts = endpoints.count + (connection == nil ? 0 : 1)
        for _ in 0..<attempts {
            let connection = try connected()
            do { return try await body(connection) } catch {
                let failure = EtcdFailure(error, connection.endpoint)
                guard failure.isOfMember else { throw failure.diagnostic }
                giveUp(connection)
                failures.append(failure.diagnostic)
                if Task.isCancelled { break }
            }
        }
        throw Self.together(failures)
    }

    /// The connection in use, for streams.
    func connected() throws(Diagnostic) -> EtcdConnection {
        if let connection { return connection }
        let made = try EtcdConnection(endpoints[turn], identity)
        connection = made
        return made
    }

    /// Takes another member from now on.
    func giveUp(_ failed: EtcdConnection) {
        guard connection === failed else { return }
        close()
        turn = (turn + 1) % endpoints.count
    }

    /// One diagnostic of all members: the most telling one, with what the others said as its cause.
    private static func together(_ failures: [Diagnostic]) -> Diagnostic {
        let telling = [EtcdCode.revoked, EtcdCode.refused, EtcdCode.certificate, EtcdCode.noLeader]
        var unique: [Diagnostic] = []
        for failure in failures where !unique.contains(where: { $0.message == failure.message }) {
            unique.append(failure)
        }
        guard var first = telling.lazy.compactMap({ code in unique.first { $0.code == code } }).first ?? unique.first
        else { return Diagnostic(code: EtcdCode.unreachable, "etcd cannot be reached") }
        for other in unique where other.message != first.message {
            first.cause = (first.cause.map { $0 + "; " } ?? "") + other.message
        }
        return first
    }
}
