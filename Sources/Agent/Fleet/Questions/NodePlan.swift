import Model
import Planning

/// What a node answers when it is asked for a plan, and what is known of one that does not.
public struct NodePlan: Sendable {
    /// For programs; of a node without an answer only the reason.
    public let json: JSONValue
    /// For people; empty where JSON was asked for, and of a node without an answer.
    public let text: String
    /// What could not be planned, and warnings.
    public let diagnostics: [Diagnostic]
    /// Whether something would change.
    public let hasChanges: Bool

    private init(json: JSONValue, text: String, _ diagnostics: [Diagnostic], hasChanges: Bool) {
        self.json = json
        self.text = text
        self.diagnostics = diagnostics
        self.hasChanges = hasChanges
    }

    /// That of a plan.
    ///
    /// - Parameter style: how to set off the text; `nil`: as JSON.
    public init(_ plan: Plan, style: TextStyle?) {
        self.init(
            json: style == nil ? plan.json : .null, text: style.map { PlanText(plan, style: $0).render() } ?? "",
            plan.diagnostics, hasChanges: !plan.isEmpty)
    }

    /// That of a node that does not answer, or not with a plan.
    public init(_ problem: Diagnostic) {
        self.init(json: ["diagnostics": [problem.json]], text: "", [problem], hasChanges: false)
    }

    /// Reads an answer.
    public init(answer: JSONValue) {
        guard let hasChanges = answer["hasChanges"]?.bool, let plan = answer["plan"], let text = answer["text"]?.string
        else {
            self.init(Diagnostic(code: "answer-unreadable", "its answer is not understood", hint: Self.hint))
            return
        }
        let diagnostics = (answer["diagnostics"]?.array ?? []).compactMap { Diagnostic(json: $0) }
        self.init(json: plan, text: text, diagnostics, hasChanges: hasChanges)
    }

    private static let hint = "bring all nodes to one version"

    /// What is sent.
    var answer: JSONValue {
        [
            "hasChanges": .bool(hasChanges), "plan": json, "text": .string(text),
            "diagnostics": .array(diagnostics.map(\.json)),
        ]
    }

    /// True where a diagnostic is an error.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// The exit status of several nodes together: 1 where any has an error, else 2 where any would change, else 0.
    public static func status(_ plans: some Sequence<NodePlan>) -> Int32 {
        plans.reduce(0) { status, plan in status == 1 || plan.hasErrors ? 1 : plan.hasChanges ? 2 : status }
    }
}
