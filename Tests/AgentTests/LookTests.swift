import Drivers
import Model
import Planning
import Testing

@testable import Agent

@Suite struct LookTests {
    private func look(_ objects: [KernelObject]) -> Look {
        var observation = Observation()
        for object in objects { observation.insert(object) }
        let desired = DesiredState(resources: ResourceSet(), facts: HostFacts(), set: "default")
        let changes = objects.filter { $0.id.kind == .link }.map {
            Change(.delete, before: $0, after: nil, cause: Change.Cause(.manifest, "no manifest names it any more"))
        }
        return Look(
            plan: Plan(changes: changes), desired: desired, observation: observation, containers: [:],
            facts: HostFacts())
    }

    /// On a node of a fleet the names of others' containers are served. Once they counted as resources of this node, and
    /// to remove all that is here was half of them.
    @Test func namesOfOthersContainersAreNotOurs() {
        let objects = [
            KernelObject(.link("br-over"), owner: .network("over")),
            KernelObject(.link("veth1"), owner: .container("own")),
        ]
        let names = ["own", "a", "b", "c"].map { KernelObject(.name($0, on: "over"), owner: .container($0)) }
        let look = look(objects + names)
        #expect(look.owned == [.network("over"), .container("own")])
        #expect(look.preview(allowsMassDelete: false).diagnostics.first?.code == "mass-delete")
        #expect(look.preview(allowsMassDelete: true).diagnostics.isEmpty)
    }
}
