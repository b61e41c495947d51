import Model
import Planning
import Testing

@Suite struct OrderingTests {
    private func plan(_ desired: [KernelObject], _ observed: [KernelObject]) -> Plan {
        Planner.plan(desired: desired, observation: Observation(objects: observed))
    }

    /// The objects that a change waits for.
    private func prerequisites(_ plan: Plan, _ id: ObjectID) throws -> [ObjectID] {
        try #require(plan.changes.first { $0.id == id }).dependsOn.map { plan.changes[$0].id }
    }

    private let owner = ResourceID.network("n")

    @Test func parentsAreMadeFirstAndGoLast() throws {
        let parent = KernelObject(.sandbox("a"), owner: owner)
        let child = KernelObject(.process("a"), owner: owner, hangsOn: [parent.id])
        #expect(try prerequisites(plan([parent, child], []), child.id) == [parent.id])
        #expect(try prerequisites(plan([], [parent, child]), parent.id) == [child.id])
    }

    @Test func whatIsNamedAsEarlierComesFirst() throws {
        let first = KernelObject(.sysctl("z"), owner: owner)
        let second = KernelObject(.sysctl("a"), owner: owner, after: [first.id])
        #expect(try prerequisites(plan([first, second], []), second.id) == [first.id])
        #expect(try prerequisites(plan([], [first, second]), first.id) == [second.id])
        // What is there already needs no waiting.
        #expect(try prerequisites(plan([first, second], [first]), second.id).isEmpty)
    }

    @Test func freedKeysComeBeforeTheyAreTaken() throws {
        let old = KernelObject(.sysctl("old"), owner: owner, keys: ["k"])
        let new = KernelObject(.sysctl("new"), owner: owner, keys: ["k"])
        #expect(try prerequisites(plan([new], [old]), new.id) == [old.id])
    }

    @Test func anUpdateFreesAKeyToo() throws {
        let before = KernelObject(.sysctl("a"), owner: owner, fields: [Field(.value, "1")], keys: ["k"])
        let after = KernelObject(.sysctl("a"), owner: owner, fields: [Field(.value, "2")], keys: ["other"])
        let taker = KernelObject(.sysctl("b"), owner: owner, keys: ["k"])
        #expect(try prerequisites(plan([after, taker], [before]), taker.id) == [after.id])
    }

    @Test func keysOfWhatDiesWithItsParentAreFreedByThatParent() throws {
        let bridge = KernelObject(.link("old"), owner: owner)
        let prefix = try #require(IPPrefix("10.0.0.1/24"))
        let address = KernelObject(
            .address(prefix, on: "old"), owner: owner, hangsOn: [bridge.id], keys: ["subnet"])
        let next = KernelObject(.link("new"), owner: owner)
        let taker = KernelObject(.address(prefix, on: "new"), owner: owner, hangsOn: [next.id], keys: ["subnet"])
        let plan = plan([next, taker], [bridge, address])
        #expect(!plan.changes.contains { $0.id == address.id })
        #expect(try Set(prerequisites(plan, taker.id)) == [bridge.id, next.id])
    }

    /// Two that want what the other has cannot both wait.
    @Test func swappedKeysMakeNoCycle() {
        func object(_ name: String, _ value: String, _ key: String) -> KernelObject {
            KernelObject(.sysctl(name), owner: owner, fields: [Field(.value, .string(value))], keys: [key])
        }
        let plan = plan(
            [object("a", "2", "y"), object("b", "2", "x")], [object("a", "1", "x"), object("b", "1", "y")])
        Pass.expectSound(plan)
        #expect(plan.summary.change == 2)
    }

    /// A swap loosens only those that take part in it.
    @Test func aSwapLeavesOtherKeysInOrder() throws {
        func object(_ name: String, _ value: String, _ keys: String...) -> KernelObject {
            KernelObject(.sysctl(name), owner: owner, fields: [Field(.value, .string(value))], keys: keys)
        }
        let taker = object("taker", "1", "k", "x")
        let plan = plan(
            [object("a", "2", "y"), object("b", "2", "z"), taker],
            [object("a", "1", "z", "x"), object("b", "1", "y"), object("old", "1", "k")])
        Pass.expectSound(plan)
        #expect(Set(try prerequisites(plan, taker.id)) == [ObjectID.sysctl("old"), .sysctl("a")])
    }

    @Test func groupsByResource() {
        let objects = ["b", "a"].flatMap { name in
            [
                KernelObject(.sysctl(name), owner: .network(name)), KernelObject(.link(name), owner: .network(name)),
                KernelObject(.sandbox(name), owner: .container(name)),
            ]
        }
        #expect(
            plan(objects, []).changes.map { "\($0.resource) \($0.id.kind.name)" } == [
                "network/a link", "network/a sysctl", "network/b link", "network/b sysctl", "container/a sandbox",
                "container/b sandbox",
            ])
    }

    @Test func undoGoesTheOtherWay() throws {
        let parent = KernelObject(.sandbox("a"), owner: owner)
        let child = KernelObject(.process("a"), owner: owner, hangsOn: [parent.id])
        let image = KernelObject(.image(.registry("x")), owner: owner)
        let undo = Plan.undo(plan([image, parent, child], []).changes)
        #expect(undo.map(\.action) == [.delete, .delete] && undo.map(\.id) == [parent.id, child.id])
        #expect(undo[0].dependsOn == [1] && undo[1].dependsOn.isEmpty)
    }
}
