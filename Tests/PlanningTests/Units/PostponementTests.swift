import Model
import Planning
import Testing

@Suite struct PostponementTests {
    private func change(_ name: String, after dependsOn: [Int] = [], _ cause: Change.Cause.Kind = .drift) -> Change {
        var change = Change(.create, before: nil, after: KernelObject(.link(name)), cause: .init(cause, ""))
        change.dependsOn = dependsOn
        return change
    }

    private func names(_ changes: [Change]) -> [String] { changes.map(\.id.name) }

    @Test func nothingIsPutOffForWhatIsNotThere() {
        let plan = Plan(drift: [change("a")], changes: [change("a"), change("b", after: [0])])
        for ids in [[], [ObjectID.link("z")]] as [Set<ObjectID>] {
            #expect(plan.postponing(ids).changes == plan.changes && plan.postponing(ids).drift == plan.drift)
        }
    }

    @Test func whatWaitsForItIsPutOffTooHoweverFarAlong() {
        // d waits for c, c for a; the order of a plan's list is not that of its operations.
        let plan = Plan(changes: [
            change("d", after: [2]), change("b"), change("c", after: [3]), change("a"), change("e", after: [1]),
        ])
        #expect(names(plan.postponing([.link("a")]).changes) == ["b", "e"])
        #expect(names(plan.postponing([.link("c")]).changes) == ["b", "a", "e"])
        #expect(names(plan.postponing([.link("d"), .link("b")]).changes) == ["c", "a"])
    }

    @Test func theRestRefersToItselfByItsNewPlaces() {
        let plan = Plan(changes: [
            change("x"), change("a"), change("b", after: [1]), change("y", after: [0]), change("c", after: [1, 2]),
        ])
        let rest = plan.postponing([.link("x")])
        #expect(names(rest.changes) == ["a", "b", "c"])
        #expect(rest.changes.map(\.dependsOn) == [[], [0], [0, 1]])
    }

    @Test func whatOnlyPutOffChangesWaitForGoesOn() {
        let plan = Plan(changes: [change("a"), change("b", after: [0])])
        let rest = plan.postponing([.link("b")])
        #expect(names(rest.changes) == ["a"] && rest.changes[0].dependsOn.isEmpty)
        #expect(plan.postponing([.link("a")]).isEmpty)
    }

    /// Once drift that is only reported was left out where anything was put off.
    @Test func driftThatIsOnlyReportedStays() {
        var reported = change("r")
        reported.isWithheld = true
        var plan = Plan(drift: [change("a"), change("b"), reported], changes: [change("a"), change("b")])
        plan.withheld = [reported]
        plan.resourceCount = 3
        plan.revision = "abc"
        let rest = plan.postponing([.link("a")])
        #expect(names(rest.drift) == ["b", "r"] && names(rest.withheld) == ["r"])
        #expect(rest.resourceCount == 3 && rest.revision == "abc")
    }
}
