import Drivers
import Model
import Planning
import Testing

/// The text of section 5 of the design, to the letter where it gives one.
@Suite struct PlanTextTests {
    private let drift = Change.Cause(.drift, "mtu changed outside of reconcile")
    private let manifest = Change.Cause(.manifest, "")

    private func position(_ file: String, _ line: Int) -> SourcePosition {
        SourcePosition(file: file, line: line, column: 1)
    }

    private func change(
        _ action: Change.Action, _ id: ObjectID, _ owner: ResourceID, _ fields: [Change.FieldChange] = [],
        values: [Field] = [], cause: Change.Cause
    ) -> Change {
        let object = KernelObject(id, owner: owner, fields: values)
        return Change(
            action, before: action == .create ? nil : object, after: action == .delete ? nil : object, fields: fields,
            cause: cause)
    }

    @Test func theDesignsExample() throws {
        let front = ObjectID.link("br-front")
        let drifted = change(.update, front, .network("front"), [.init(.mtu, before: 1400, after: 1500)], cause: drift)
        let prefix = try #require(IPPrefix("10.21.0.1/24"))
        let old = KernelObject(.process("old"), owner: .container("old"))
        var plan = Plan(
            drift: [drifted],
            changes: [
                change(
                    .create, .link("br-back"), .network("back"), values: [Field(.type, "bridge"), Field(.mtu, 1500)],
                    cause: manifest),
                change(.create, .address(prefix, on: "br-back"), .network("back"), cause: manifest),
                change(
                    .update, ObjectID(.firewall, "port 8080/tcp"), .container("web"),
                    [.init(.target, before: "10.20.0.10:80", after: "10.20.0.10:8080")], cause: manifest),
                change(
                    .replace, .process("web"), .container("web"),
                    [.init(.image, before: "nginx:1.26", after: "nginx:1.27")],
                    cause: Change.Cause(.manifest, "image changed at web.yaml:12")),
                Change(
                    .delete, before: old, after: nil, cause: Change.Cause(.manifest, "no manifest names it any more")),
            ])
        plan.sources = [.network("back"): position("back.yaml", 1), .container("web"): position("web.yaml", 8)]
        #expect(
            PlanText(plan).render() == """
                Drift: 1 object was changed outside of reconcile
                  ~ network/front   link br-front          mtu 1400 -> 1500

                Plan:
                  network/back   (back.yaml:1)
                    + link br-back                bridge, mtu 1500
                    + address 10.21.0.1/24        on br-back
                  container/web  (web.yaml:8)
                    ~ firewall port 8080/tcp      10.20.0.10:80 -> 10.20.0.10:8080
                   -/+ process web                image nginx:1.26 -> nginx:1.27   # replaced: image changed at web.yaml:12
                  container/old
                    - process old                 # no manifest names it any more

                2 to add, 1 to change, 1 to replace, 1 to delete.

                """)
    }

    @Test func noChanges() {
        #expect(PlanText(Plan(resourceCount: 3)).render() == "No changes. The host matches 3 resources.\n")
        #expect(PlanText(Plan(resourceCount: 1)).render() == "No changes. The host matches 1 resource.\n")
        #expect(PlanText(Plan(resourceCount: 0)).render() == "No changes. The host matches 0 resources.\n")
        // Where something could not be planned, nothing is said to match.
        #expect(PlanText(Plan(diagnostics: [Diagnostic(code: "x", "y")], resourceCount: 1)).render().isEmpty)
    }

    /// What differs and is left so is never said to match.
    @Test func whatIsLeftAsItIsIsTold() {
        var plan = Plan(resourceCount: 2)
        plan.diagnostics = [
            Diagnostic(.note, code: "suspended", "network/front is suspended since yesterday"),
            Diagnostic(.note, code: "not-selected", "said elsewhere"),
        ]
        let note = "Note: network/front is suspended since yesterday\n\n"
        #expect(PlanText(plan).render() == note + "No changes. The host matches 2 resources.\n")
        let drifted = change(
            .update, .link("br-front"), .network("front"), [.init(.mtu, before: 1400, after: 1500)], cause: drift)
        plan.withheld = [drifted]
        #expect(
            PlanText(plan).render() == note + "No changes. 1 object differs and is left as it is: network/front.\n")
    }

    @Test func listsTellWhatGoesAndComes() {
        func text(_ before: [String], _ after: [String]) -> String {
            PlanText.describe(
                change(
                    .update, .process("web"), .container("web"),
                    [.init(.hosts, before: .list(before), after: .list(after))], cause: manifest))
        }
        let title = "process web                 "
        #expect(text(["a", "b"], ["a", "c"]) == title + "hosts -[b] +[c]")
        #expect(text(["a"], ["a", "c"]) == title + "hosts +[c]" && text(["a", "b"], ["b"]) == title + "hosts -[a]")
        #expect(text(["a"], ["b"]) == title + "hosts [a] -> [b]")
        #expect(text(["a", "b"], ["b", "a"]) == title + "hosts [a, b] -> [b, a]")
    }

    /// What is known of a drift stands with it, in place of the word.
    @Test func howAProcessEndedIsTold() {
        let ended = change(
            .replace, .process("web"), .container("web"), [.init(.state, before: "exited", after: "running")],
            cause: Change.Cause(.drift, "exited with code 3", isTelling: true))
        #expect(
            PlanText(Plan(drift: [ended], changes: [ended])).render() == """
                Drift: 1 object was changed outside of reconcile
                  ~ container/web   process web            state exited -> running   # exited with code 3

                Plan:
                  container/web
                   -/+ process web                state exited -> running   # replaced: exited with code 3

                0 to add, 0 to change, 1 to replace, 0 to delete.

                """)
    }

    @Test func numbersHaveTheirUnits() {
        let fields: [Change.FieldChange] = [
            .init(.stopGracePeriod, before: 90_000, after: 1000), .init(.memory, before: 67_108_864, after: 1_000_001),
            .init(.cpus, before: 500, after: 2000), .init(.pids, before: "unlimited", after: 1000),
        ]
        let update = change(.update, .process("web"), .container("web"), fields, cause: manifest)
        #expect(
            PlanText.describe(update) == "process web                 stopGracePeriod 1m30s -> 1s, "
                + "resources.memory 64Mi -> 1000001B, resources.cpus 0.5 -> 2, resources.pids unlimited -> 1000")
        // Programs get the numbers.
        #expect(Plan(changes: [update]).json.text().contains(#""before":90000,"after":1000"#))
    }

    @Test func coloursWrapAndChangeNothing() throws {
        let pass = Pass(resources: ResourceSet(networks: [Network(metadata: Metadata(name: "front"))]))
        let plan = pass.plan()
        let coloured = PlanText(plan, style: .ansi).render()
        #expect(coloured.contains("\u{1b}[32m+\u{1b}[0m"))
        let stripped = coloured.replacing(/\u{1b}\[[0-9]*m/, with: "")
        #expect(stripped == PlanText(plan).render() && !PlanText(plan).render().contains("\u{1b}"))
    }

    @Test func linesHaveNoBlanksAtTheirEnds() {
        for seed in 0..<30 as Range<UInt64> {
            var random = RandomResources(SeededGenerator(seed: seed))
            let pass = Pass(resources: random.set(), host: random.host())
            let text = PlanText(pass.plan()).render()
            #expect(text.hasSuffix("\n") && !text.contains(" \n"), "seed \(seed)")
        }
    }
}
