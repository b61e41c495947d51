import Model
import Planning

/// Answers what manifests would do here: decoded as if they lay here, and planned by the agent's loop.
struct PlanAnswerer: Answerer {
    let kind = PlanQuestion.kind
    let previews: PreviewQueue
    /// The directory of this node's own manifests; `nil` where it has none yet.
    let ownRoot: @Sendable () -> String?

    func answer(_ body: JSONValue, _ writer: inout AnswerWriter) async throws(Diagnostic) {
        let question = try PlanQuestion(body)
        let input = question.input(ownRoot: ownRoot())
        let answer: NodePlan
        if input.hasErrors {
            // Who asks has found none: it is of another version.
            var plan = Plan(revision: input.revision)
            plan.diagnostics = input.diagnostics
            answer = NodePlan(plan, style: question.style)
        } else {
            let plan = try await previews.plan(input, allowsMassDelete: question.allowsMassDelete).get()
            answer = NodePlan(plan, style: question.style)
        }
        do throws(Diagnostic) { try await writer.write(answer.answer, isLast: true) } catch {
            guard error.code == "parcel-too-large" else { throw error }
            throw Diagnostic(
                code: "plan-too-large", "its plan is too large to be sent", cause: error.message,
                hint: "look at it on the node: reconcile apply --dry-run")
        }
    }
}
