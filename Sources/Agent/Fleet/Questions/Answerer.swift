import Fleet
import Model

/// Answers questions of one kind, each in a task of its own that is cancelled when the question goes.
protocol Answerer: Sendable {
    /// The kind of question, as in etcd.
    var kind: String { get }
    /// Answers; what it throws is told instead of an answer.
    func answer(_ body: JSONValue, _ writer: inout AnswerWriter) async throws(Diagnostic)
}
