import Model
import Planning
import Testing

@Suite struct DeletionGuardTests {
    /// Of `owned` networks the first `lost` go.
    private func objection(owned: Int, lost: Int, host: Bool = false) -> Diagnostic? {
        let all = (0..<owned).map { ResourceID.network("n\($0)") }
        let observed = (0..<owned).map { KernelObject(.link("br\($0)"), owner: all[$0]) }
        let plan = Planner.plan(
            desired: Array(observed[lost...]), observation: Observation(objects: observed))
        return DeletionGuard.check(
            plan, owned: Set(all + (host ? [.host("firewall")] : [])), desired: Set(all[lost...]))
    }

    @Test(arguments: [(1, 1), (2, 2), (4, 3), (4, 4), (5, 3), (100, 51), (100, 100)])
    func objects(_ owned: Int, _ lost: Int) {
        #expect(objection(owned: owned, lost: lost)?.code == "mass-delete")
        #expect(objection(owned: owned, lost: lost, host: true)?.code == "mass-delete")
    }

    @Test(arguments: [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 2), (100, 50)])
    func lets(_ owned: Int, _ lost: Int) { #expect(objection(owned: owned, lost: lost) == nil) }

    /// A service counts as one, whatever becomes of its replicas.
    @Test func aServiceMayHaveNoReplicas() {
        let service = ResourceID.service("web")
        let replicas = (1...4).map { ResourceID.container("web.\($0)") }
        let observed = replicas.map { KernelObject(.process($0.name), owner: $0) }
        let plan = Planner.plan(desired: [], observation: Observation(objects: observed))
        #expect(DeletionGuard.check(plan, owned: Set(replicas + [service]), desired: [service]) == nil)
        let all = DeletionGuard.check(plan, owned: Set(replicas + [service]), desired: [])
        #expect(all?.message == "this would delete all 1 resources that are ours (service/web)")
        let more = (0..<3).map { ResourceID.network("n\($0)") }
        #expect(DeletionGuard.check(plan, owned: Set(replicas + more), desired: Set(more)) == nil)
    }

    @Test func saysWhichAndHowToGoOn() throws {
        let all = try #require(objection(owned: 7, lost: 7))
        #expect(
            all.message == """
                this would delete all 7 resources that are ours (network/n0, network/n1, network/n2, network/n3, \
                network/n4, …)
                """)
        #expect(all.hint?.contains("--allow-mass-delete") == true)
        #expect(try #require(objection(owned: 5, lost: 3)).message.hasPrefix("this would delete 3 of the 5 resources"))
    }

    /// What is replaced, or loses a part, is not lost.
    @Test func countsWholeResources() {
        let owners = (0..<4).map { ResourceID.network("n\($0)") }
        let observed = owners.flatMap { owner in
            [KernelObject(.link("br-\(owner.name)"), owner: owner), KernelObject(.sysctl(owner.name), owner: owner)]
        }
        let desired = observed.filter { $0.id.kind == .link }
        let plan = Planner.plan(desired: desired, observation: Observation(objects: observed))
        #expect(plan.summary.delete == 4)
        #expect(DeletionGuard.check(plan, owned: Set(owners), desired: Set(owners)) == nil)
    }

    /// A pass that does not prune deletes nothing, and needs no leave.
    @Test func withoutPruning() {
        let owner = ResourceID.network("n")
        let plan = Planner.plan(
            desired: [], observation: Observation(objects: [KernelObject(.link("br"), owner: owner)]),
            options: .init(prunes: false))
        #expect(DeletionGuard.check(plan, owned: [owner], desired: []) == nil)
    }
}
