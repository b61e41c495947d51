import Agent
import Model
import Planning
import Testing

/// The events of section 6 of the design.
@Suite struct EventTests {
    private let source = SourcePosition(file: "web.yaml", line: 3, column: 5)

    private func change(
        _ action: Change.Action, _ kind: Change.Cause.Kind, _ fields: [Change.FieldChange] = []
    ) -> Change {
        let object = KernelObject(
            .link("br"), owner: .network("n"), fields: [Field(.mtu, 1500), Field("environment.X", .secret("hunter2"))],
            source: source)
        return Change(
            action, before: action == .create ? nil : object, after: action == .delete ? nil : object, fields: fields,
            cause: Change.Cause(kind, "why"))
    }

    private func events(_ change: Change, _ result: OperationResult = .done) -> [Event] {
        PassEvents.events(of: change, result, revision: "abc", time: 1_767_225_907_042, duration: 12)
    }

    @Test func everyMember() throws {
        let event = try #require(
            events(change(.update, .drift, [.init(.mtu, before: 1400, after: 1500)])).first)
        #expect(
            event.json == [
                "time": "2026-01-01T00:05:07.042Z", "event": "drift", "resource": "network/n", "object": "link br",
                "field": "mtu", "desired": 1500, "observed": 1400, "action": "repaired", "cause": "why",
                "source": ["file": "web.yaml", "line": 3, "column": 5], "revision": "abc", "durationMs": 12,
            ])
        let bare = Event(time: 0, kind: .started, revision: "")
        #expect(bare.json.members?.map(\.name) == event.json.members?.map(\.name))
        #expect(bare.json["resource"] == JSONValue.null && bare.json["time"] == "1970-01-01T00:00:00.000Z")
    }

    @Test func driftIsOneAField() {
        let fields: [Change.FieldChange] = [.init(.mtu, before: 1, after: 2), .init(.up, before: false, after: true)]
        let found = events(change(.update, .drift, fields))
        #expect(
            found.map(\.field) == ["mtu", "up"] && found.allSatisfy { $0.kind == .drift && $0.action == .repaired })
    }

    @Test func whatIsGoneIsOne() {
        let found = events(change(.create, .drift))
        #expect(found.count == 1 && found[0].kind == .drift && found[0].field == nil && found[0].observed == .null)
    }

    @Test(arguments: [
        (Change.Action.create, Event.Kind.created), (.update, .updated), (.replace, .replaced), (.delete, .deleted),
    ])
    func changesOfTheManifests(_ action: Change.Action, _ kind: Event.Kind) {
        let found = events(change(action, .manifest, action == .update ? [.init(.mtu, before: 1, after: 2)] : []))
        #expect(found.map(\.kind) == [kind] && found[0].action == .none && found[0].source == source)
    }

    @Test func failures() {
        let failure = OperationResult.failed(Diagnostic(code: "x", "it broke", cause: "EPERM"))
        let found = events(change(.update, .drift, [.init(.mtu, before: 1, after: 2)]), failure)
        #expect(found.map(\.kind) == [.failed] && found[0].cause == "it broke: EPERM")
        #expect(events(change(.create, .manifest), .skipped(.link("x"))).isEmpty)
        #expect(events(change(.create, .manifest), .undone).isEmpty)
    }

    @Test func secretsAreNotTold() {
        let secret = Change.FieldChange("environment.X", before: .secret("hunter2"), after: .secret("hunter3"))
        for kind in [Change.Cause.Kind.drift, .manifest] {
            for event in events(change(.update, kind, [secret])) {
                #expect(!event.json.text().contains("hunter"))
            }
        }
    }

    @Test(arguments: [
        (0 as Int64, "1970-01-01T00:00:00.000Z"), (951_782_400_007, "2000-02-29T00:00:00.007Z"),
        (1_767_225_599_999, "2025-12-31T23:59:59.999Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func timestamps(_ milliseconds: Int64, _ text: String) { #expect(Timestamp.text(milliseconds) == text) }
}
