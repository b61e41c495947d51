import Drivers
import Model
import Planning
import Testing

@testable import Agent

@Suite struct InspectTests {
    @Test func theContainersOfANetworkAreSortedByName() throws {
        let network = Network(metadata: Metadata(name: "front"), driver: "bridge")
        var facts = HostFacts()
        // By interface they would be c, a, b.
        for (name, interface) in [("a", "eth1"), ("b", "lan"), ("c", "eth0")] {
            facts.endpoints[EndpointKey(container: name, network: "front")] = EndpointFacts(interface: interface)
        }
        let desired = DesiredState(resources: ResourceSet(networks: [network]), facts: facts, set: "default")
        let look = Look(
            plan: Plan(), desired: desired, observation: Observation(), containers: [:], facts: facts)
        let report = try #require(InspectReport(look).json(.network("front")))
        #expect(report["containers"]?.members?.map(\.name) == ["a", "b", "c"])
    }
}
