import Model
import Testing

@testable import Agent
@testable import Fleet

/// What a node tells its fleet.
@Suite struct FleetPublicationTests {
    private func endpoint(_ container: String, on node: String, _ network: String = "over") -> EndpointEntry {
        EndpointEntry(
            network: network, node: node, container: container, addresses: [IPAddress(v4: 0x0a32_0001)],
            mac: MACAddress(bits: 1))
    }

    /// An agent whose first pass comes to nothing goes on from what the last one told: nothing of that was taken away.
    @Test func whatIsLeftIsGoneOnFrom() throws {
        var view = FleetView(fleet: "f", node: "n1")
        #expect(FleetPublication(leftIn: view) == nil, "nothing is known yet")
        view.revision = 10
        #expect(FleetPublication(leftIn: view) == FleetPublication(node: NodeEntry(name: "n1")))
        view.nodes["n1"] = NodeEntry(name: "n1", vtep: IPAddress(v4: 7), revision: "abc", health: .ready, lease: 5)
        for own in [endpoint("web", on: "n1"), endpoint("web", on: "n1", "other"), endpoint("db", on: "n2")] {
            view.endpoints[own.network, default: [:]]["\(own.node)/\(own.container)"] = own
        }
        let left = try #require(FleetPublication(leftIn: view))
        #expect(left.node == NodeEntry(name: "n1", vtep: IPAddress(v4: 7), revision: "abc", health: .ready))
        #expect(left.endpoints == [endpoint("web", on: "n1", "other"), endpoint("web", on: "n1")])
    }
}
