import Foundation
import Model
import Planning
import Testing

/// Every folder below `Tests/Golden`: the plan is the expected one, and what must hold of every plan holds of it.
@Suite struct GoldenTests {
    @Test(arguments: GoldenCase.names)
    func plans(_ name: String) throws {
        let golden = try GoldenCase(name)
        let plan = golden.plan
        try expect(text(plan), golden.folder.appending(path: "plan.txt"))
        try expect(json(plan), golden.folder.appending(path: "plan.json"))
        #expect(try JSONValue(parsing: json(plan).utf8) == plan.json)
        #expect(text(golden.plan) == text(plan) && golden.plan.json == plan.json, "planning twice differs")
        golden.pass.expectConvergence(from: golden.observation)
        expectNoSecrets(golden, plan)
    }

    @Test func thereAreCases() { #expect(GoldenCase.names.count >= 40) }

    private func expect(_ text: String, _ file: URL) throws {
        if ProcessInfo.processInfo.environment["RECONCILE_BLESS"] == "1" { try Data(text.utf8).write(to: file) }
        let expected = try String(contentsOf: file, encoding: .utf8)
        #expect(text == expected, "\(file.lastPathComponent) differs")
    }

    /// What the plan prints, then its diagnostics as they go to standard error.
    private func text(_ plan: Plan) -> String {
        PlanText(plan).render()
            + plan.diagnostics.map { "\n\($0)\n  code: \($0.code)\n" }.joined()
    }

    /// The plan's JSON with one change a line: the same document as the indented one, and short enough to be read.
    private func json(_ plan: Plan) -> String {
        let members = (plan.json.members ?? []).map { member in
            guard let items = member.value.array, !items.isEmpty else {
                return "\"\(member.name)\": \(member.value.text())"
            }
            return "\"\(member.name)\": [\n" + items.map { "  " + $0.text() }.joined(separator: ",\n") + "\n]"
        }
        return "{\n" + members.joined(separator: ",\n") + "\n}\n"
    }

    private func expectNoSecrets(_ golden: GoldenCase, _ plan: Plan) {
        let sides = golden.pass.desired(golden.observation).objects + Array(golden.observation.objects.values)
        let shown = [PlanText(plan).render(), PlanText(plan, style: .ansi).render(), plan.json.text()]
        for case .secret(let text) in sides.flatMap(\.fields).map(\.value) where text.utf8.count > 3 {
            for output in shown { #expect(!output.contains(text), "a secret is shown") }
        }
    }
}
