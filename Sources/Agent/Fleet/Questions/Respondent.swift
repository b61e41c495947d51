import Fleet
import Model

/// Answers what other members ask of this node, as long as they want to know. Where nobody asks it does nothing.
struct Respondent: Sendable {
    /// As many questions are answered at once.
    static let limit = 16

    let session: FleetSession
    let node: String
    /// The ownership set whose agent this is.
    let set: String
    let answerers: [any Answerer]

    /// Runs until the task is cancelled.
    func run() async {
        var running: [String: Task<Void, Never>] = [:]
        defer { for task in running.values { task.cancel() } }
        for await _ in session.questions.news {
            let standing = session.questions.questions(for: node, set: set)
            let ids = Set(standing.map(\.id))
            for (id, task) in running where !ids.contains(id) {
                task.cancel()
                running[id] = nil
            }
            // One that was answered stays among them until it goes: it is not answered twice.
            for question in standing where running[question.id] == nil {
                let isTooMany = running.count >= Self.limit
                running[question.id] = Task.detached { await answer(question, isTooMany: isTooMany) }
            }
        }
    }

    private func answer(_ question: Question, isTooMany: Bool) async {
        var writer = AnswerWriter(session, question)
        do throws(Diagnostic) {
            guard !isTooMany else {
                throw Diagnostic(
                    code: "questions-too-many", "it is asked more than \(Self.limit) questions at once",
                    hint: "try again")
            }
            guard let answerer = answerers.first(where: { $0.kind == question.kind }) else {
                throw Diagnostic(
                    code: "question-unknown", "its version knows no question \"\(question.kind.prefix(40))\"",
                    hint: "bring all nodes to one version")
            }
            try await answerer.answer(try await session.body(of: question), &writer)
        } catch {
            guard !Task.isCancelled, error.code != EtcdCode.leaseLost else { return }
            try? await writer.write(FleetSession.refusal(error), isLast: true)
        }
    }
}
