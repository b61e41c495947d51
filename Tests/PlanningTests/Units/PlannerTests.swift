import Model
import Planning
import Testing

@Suite struct PlannerTests {
    private let owner = ResourceID.network("n")

    private func link(_ fields: [Field], source: SourcePosition? = nil) -> KernelObject {
        KernelObject(.link("br"), owner: owner, fields: fields, source: source)
    }

    @Test func fieldsOfTheKernelsOwnAreIgnored() {
        let observed = link([Field(.mtu, 1500), Field("queues", 1)])
        #expect(Planner.plan(desired: [link([Field(.mtu, 1500)])], observation: .init(objects: [observed])).isEmpty)
    }

    @Test func aClosedKindHasNoOthers() {
        let desired = KernelObject(.process("a"), owner: owner, fields: [Field(.image, "x")])
        let observed = KernelObject(.process("a"), owner: owner, fields: [Field(.image, "x"), Field("user", "1")])
        let plan = Planner.plan(desired: [desired], observation: .init(objects: [observed]))
        #expect(plan.changes.map(\.action) == [.replace])
        #expect(plan.changes[0].fields == [.init("user", before: "1", after: nil)])
    }

    @Test func whatIsUnknownEqualsNothing() {
        let desired = link([Field(.digest, .unknown("after pull"))])
        let plan = Planner.plan(desired: [desired], observation: .init(objects: [link([Field(.digest, "x")])]))
        #expect(plan.summary.change == 1)
    }

    @Test func causes() {
        let source = SourcePosition(file: "n.yaml", line: 3, column: 1)
        let desired = link([Field(.mtu, 1500)], source: source)
        func cause(_ observed: [KernelObject], _ last: [Field]?) -> Change.Cause {
            let options = Planner.Options(lastApplied: last.map { [desired.id: $0] } ?? [:])
            return Planner.plan(desired: [desired], observation: .init(objects: observed), options: options)
                .changes[0].cause
        }
        let other = [link([Field(.mtu, 1400)])]
        #expect(cause(other, nil) == .init(.manifest, "mtu changed at n.yaml:3"))
        #expect(cause(other, [Field(.mtu, 1400)]) == .init(.manifest, "mtu changed at n.yaml:3"))
        #expect(cause(other, [Field(.mtu, 1500)]) == .init(.drift, "mtu changed outside of reconcile"))
        #expect(cause([], nil) == .init(.manifest, "asked for at n.yaml:3"))
        #expect(cause([], [Field(.mtu, 1500)]) == .init(.drift, "deleted outside of reconcile"))
        #expect(cause([], [Field(.mtu, 1400)]).kind == .manifest)
    }

    /// Where all that is desired was applied before, what is there beyond it was added, whoever it pretends to be of.
    @Test(arguments: [(true, Change.Cause.Kind.drift), (false, .manifest)])
    func inARepairWhatIsTooMuchIsDrift(_ isRepair: Bool, _ kind: Change.Cause.Kind) {
        let old = KernelObject(.link("br-old"), owner: .network("old"), fields: [Field(.mtu, 1500)])
        let plan = Planner.plan(
            desired: [], observation: Observation(objects: [old]), options: Planner.Options(isRepair: isRepair))
        #expect(plan.changes.map(\.action) == [.delete])
        #expect(plan.changes.first?.cause.kind == kind)
        #expect(plan.drift.count == (isRepair ? 1 : 0))
    }

    /// Fields that no manifest sets are drift even where nothing is known of the last pass.
    @Test func whatOnlyHappensIsDrift() {
        let desired = KernelObject(.process("a"), owner: owner, fields: [Field(.state, "running")])
        let observed = KernelObject(.process("a"), owner: owner, fields: [Field(.state, "exited")])
        let plan = Planner.plan(desired: [desired], observation: .init(objects: [observed]))
        #expect(plan.drift.map(\.id) == [desired.id] && plan.changes.count == 1)
    }

    @Test func placesAreThoseOfTheWholeResource() {
        let first = SourcePosition(file: "n.yaml", line: 1, column: 1)
        let later = SourcePosition(file: "n.yaml", line: 9, column: 1)
        let same = KernelObject(.sysctl("s"), owner: owner, source: first)
        let plan = Planner.plan(
            desired: [link([Field(.mtu, 1500)], source: later), same], observation: .init(objects: [same]))
        #expect(plan.sources == [owner: first])
    }

    @Test func imagesAreNeverRemoved() {
        let image = KernelObject(.image(.registry("x")), owner: owner)
        #expect(Planner.plan(desired: [], observation: .init(objects: [image])).isEmpty)
    }

    @Test func foreignAndUnmarkedThingsAreNeverRemoved() {
        var observation = Observation(objects: [])
        observation.insert(KernelObject(.link("a")), .foreign("not ours"))
        observation.insert(KernelObject(.sysctl("b"), owner: owner), .unmarked)
        #expect(Planner.plan(desired: [], observation: observation).isEmpty)
    }

    @Test func aWholeChainBehindAForeignThingIsLeftAlone() {
        func object(_ name: String, after: String?) -> KernelObject {
            KernelObject(
                .sysctl(name), owner: .network(name), after: after.map { [.sysctl($0)] } ?? [])
        }
        var observation = Observation()
        observation.insert(object("a", after: nil), .foreign("not ours"))
        let desired = [
            object("d", after: "c"), object("c", after: "b"), object("b", after: "a"), object("a", after: nil),
            object("free", after: nil),
        ]
        let plan = Planner.plan(desired: desired, observation: observation)
        #expect(plan.changes.map(\.id) == [.sysctl("free")])
        #expect(plan.diagnostics.map(\.code) == ["name-taken", "not-possible", "not-possible", "not-possible"])
        #expect(Set(plan.diagnostics.compactMap(\.resource?.name)) == ["a", "b", "c", "d"])
    }
}
