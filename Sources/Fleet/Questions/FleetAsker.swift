import Model
import Synchronization

/// Asks members of a fleet, and hears what they say.
///
/// All that a question leaves in etcd is bound to a lease that ends seconds after this process does, however it ends.
public struct FleetAsker: Sendable {
    /// How long a question outlives who asked it, in seconds.
    static let leaseSeconds = 5

    private let membership: FleetMembership
    let client: EtcdClient
    let keys: FleetKeys

    /// With the credentials of a membership. It connects with the first question; end with ``close``.
    public init(_ membership: FleetMembership, patience: Duration = .seconds(2)) {
        self.membership = membership
        client = EtcdClient(endpoints: membership.endpoints, identity: membership.identity, patience: patience)
        keys = FleetKeys(fleet: membership.fleet)
    }

    /// Ends the connection.
    public func close() async { await client.close() }

    /// Asks, and gives each answer to `handle`, one after the other, until that answers false or the task is cancelled.
    /// Throws where etcd cannot be written to, and where the question is lost because etcd was away for too long.
    ///
    /// - Parameter nodes: who is asked; `nil`: every node, also one that comes later.
    public func ask(
        _ kind: String, set: String, of nodes: [String]?, _ body: JSONValue,
        _ handle: @escaping @Sendable (Answer) async -> Bool
    ) async throws(Diagnostic) {
        let parcel = try Parcel(body, limit: Parcel.questionLimit)
        let lease = try await client.grantLease(seconds: Self.leaseSeconds)
        let question = Question(
            id: (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined(), kind: kind,
            set: set, nodes: nodes, asker: membership.node, pieces: parcel.pieces.count, size: parcel.size,
            lease: lease)
        let end: Diagnostic?
        do throws(Diagnostic) {
            let revision = try await put(question, parcel)
            end = await hear(question, from: revision + 1, handle)
        } catch { end = error }
        // Also where this task was cancelled.
        let client = client
        await Task.detached { _ = try? await client.revokeLease(lease) }.value
        if let end, end.code != EtcdCode.cancelled { throw end }
    }

    /// Asks some nodes, and answers with the first word of each that speaks in time.
    public func collect(
        _ kind: String, set: String, of nodes: [String], _ body: JSONValue, within timeout: Duration
    ) async throws(Diagnostic) -> [String: Result<JSONValue, Diagnostic>] {
        let answers = Answers()
        let end = await withTaskGroup(of: Diagnostic?.self) { group in
            group.addTask {
                do throws(Diagnostic) {
                    try await ask(kind, set: set, of: nodes, body) { answers.take($0) < nodes.count }
                    return nil
                } catch { return error }
            }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let end { throw end }
        return answers.all.filter { nodes.contains($0.key) }
    }

    /// What was answered so far.
    private final class Answers: Sendable {
        private let answers = Mutex<[String: Result<JSONValue, Diagnostic>]>([:])
        var all: [String: Result<JSONValue, Diagnostic>] { answers.withLock { $0 } }

        /// Answers with how many spoke.
        func take(_ answer: Answer) -> Int {
            answers.withLock { answers in
                if answers[answer.node] == nil { answers[answer.node] = answer.content }
                return answers.count
            }
        }
    }

    /// Writes a question, what it is about first; answers with the revision since when it stands.
    private func put(_ question: Question, _ parcel: Parcel) async throws(Diagnostic) -> Int64 {
        for (number, piece) in parcel.pieces.enumerated() {
            try await client.put(keys.body(question.id, number), piece, lease: question.lease)
        }
        let value = Array(question.json.text().utf8)
        return try await client.commit(
            EtcdTransaction([], then: [.put(keys.question(question.id), value, lease: question.lease)])
        ).revision
    }

    /// Keeps the question, and hears answers; answers with what ended it, `nil` where `handle` did.
    private func hear(
        _ question: Question, from revision: Int64, _ handle: @escaping @Sendable (Answer) async -> Bool
    ) async -> Diagnostic? {
        await withTaskGroup(of: Diagnostic?.self) { group in
            group.addTask { await keep(question.lease) }
            group.addTask { await listen(question.id, from: revision, AnswerInbox(keys, question.id, handle)) }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private func keep(_ lease: Int64) async -> Diagnostic {
        while true {
            do throws(Diagnostic) { try await client.keepLease(lease, every: .seconds(1)) } catch {
                if error.code == EtcdCode.leaseLost { return Self.lost }
                if Task.isCancelled { return error }
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private static let lost = Diagnostic(
        code: "question-lost", "the question was lost: etcd was away for longer than \(leaseSeconds)s",
        hint: "try again")

    private func listen(_ id: String, from revision: Int64, _ inbox: AnswerInbox) async -> Diagnostic? {
        let prefix = keys.answers(id)
        await inbox.reached(revision - 1)
        while !Task.isCancelled {
            do throws(Diagnostic) {
                try await client.watch(prefix, from: await inbox.revision + 1) { try await inbox.take($0) }
            } catch {
                if await inbox.isDone { return nil }
                if error.code == EtcdCode.compacted, let listing = try? await client.list(prefix),
                    (try? await inbox.take(listing)) == nil
                {
                    return nil
                }
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
        return Diagnostic(code: EtcdCode.cancelled, "cancelled")
    }
}
