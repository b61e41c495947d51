import Model
import Planning
import Testing

/// The JSON of section 5 of the design.
@Suite struct PlanJSONTests {
    private func plan(_ actions: [Change.Action]) -> Plan {
        let changes = actions.enumerated().map { index, action in
            let object = KernelObject(
                .link("l\(index)"), owner: .network("n"), fields: [Field(.mtu, 1500)],
                source: SourcePosition(file: "n.yaml", line: 2, column: 3))
            var change = Change(
                action, before: action == .create ? nil : object, after: action == .delete ? nil : object,
                fields: action == .update ? [.init(.mtu, before: 1400, after: nil)] : [],
                cause: Change.Cause(.drift, "why"))
            if index > 0 { change.dependsOn = [index - 1] }
            return change
        }
        return Plan(drift: [changes[0]], changes: changes, revision: "abc")
    }

    @Test func hasEveryMember() throws {
        let json = plan([.create, .update, .delete, .replace]).json
        #expect(
            json.members?.map(\.name) == ["formatVersion", "revision", "drift", "changes", "summary", "diagnostics"])
        #expect(json["summary"] == ["add": 1, "change": 1, "replace": 1, "delete": 1] && json["revision"] == "abc")
        let changes = try #require(json["changes"]?.array)
        let actions: [JSONValue] = [["create"], ["update"], ["delete"], ["delete", "create"]]
        #expect(changes.map { $0["actions"] } == actions)
        for change in changes {
            #expect(
                change.members?.map(\.name) == [
                    "resource", "object", "actions", "before", "after", "fields", "cause", "source", "dependsOn",
                ])
        }
        #expect(
            changes[1] == [
                "resource": "network/n", "object": "link l1", "actions": ["update"], "before": ["mtu": 1500],
                "after": ["mtu": 1500], "fields": [["name": "mtu", "before": 1400, "after": nil]],
                "cause": ["kind": "drift", "message": "why"], "source": ["file": "n.yaml", "line": 2, "column": 3],
                "dependsOn": ["link l0"],
            ])
        #expect(changes[0]["before"] == JSONValue.null && changes[2]["after"] == JSONValue.null)
        #expect(json["drift"]?.array?.count == 1)
    }

    @Test func diagnostics() {
        let diagnostic = Diagnostic(
            .warning, code: "odd", "is odd", cause: "c", hint: "h", resource: .network("n"),
            position: SourcePosition(file: "a", line: 1, column: 2))
        #expect(
            diagnostic.json == [
                "severity": "warning", "code": "odd", "message": "is odd", "cause": "c", "hint": "h",
                "resource": "network/n", "source": ["file": "a", "line": 1, "column": 2],
            ])
        #expect(Diagnostic(code: "x", "y").json["source"] == JSONValue.null)
    }
}
