import Manifests
import Model
import Testing

@testable import Agent
@testable import Fleet

/// Whose turn it is in an update of a service over nodes.
@Suite struct FleetTurnsTests {
    private func service(_ maxUnavailable: Int, replicas: Int = 3) -> Service {
        Service(
            metadata: Metadata(name: "web"), replicas: replicas,
            template: Container(
                metadata: Metadata(name: "web"), image: .registry("x"), networks: [Attachment(network: "over")]),
            update: UpdateOptions(maxUnavailable: maxUnavailable))
    }

    /// The view of node n1, with replica N on node N, of which some are not ready.
    private func view(
        _ turns: [Int: (node: String, replica: String, revision: Int64)] = [:], unready: Set<String> = [],
        isOnOverlay: Bool = true
    ) -> FleetView {
        var view = FleetView(fleet: "f", node: "n1")
        view.revision = 100
        for number in 1...3 {
            view.nodes["n\(number)"] = NodeEntry(name: "n\(number)", vtep: IPAddress(v4: UInt32(number)))
            guard isOnOverlay else { continue }
            view.endpoints["over", default: [:]]["n\(number)/web.\(number)"] = EndpointEntry(
                network: "over", node: "n\(number)", container: "web.\(number)",
                addresses: [IPAddress(v4: 0x0a32_0000 + UInt32(number))], mac: MACAddress(bits: UInt64(number)),
                service: "web", isHealthy: !unready.contains("web.\(number)"))
        }
        if isOnOverlay {
            view.claims[.network("over")] = Claim(key: .network("over"), node: "n1", holder: "network/over", vni: 7)
        }
        for (number, turn) in turns {
            let key = ClaimKey.update(service: "web", number)
            view.claims[key] = Claim(
                key: key, node: turn.node, holder: "container/\(turn.replica)", revision: turn.revision)
        }
        return view
    }

    @Test func aTurnIsNeeded() {
        #expect(FleetTurns(service(1), local: ["web.1"], view()).granted.isEmpty)
        let own = view([1: ("n1", "web.1", 5)])
        #expect(FleetTurns(service(1), local: ["web.1"], own).granted == ["web.1": 0])
        // That of a replica which is not here any more is nobody's.
        #expect(FleetTurns(service(1), local: [], own).granted.isEmpty)
    }

    @Test func whoIsAwayElsewhereCounts() {
        let turns = [1: (node: "n1", replica: "web.1", revision: Int64(5))]
        #expect(FleetTurns(service(1), local: ["web.1"], view(turns, unready: ["web.2"])).granted == ["web.1": 1])
        var dead = view(turns)
        dead.nodes["n3"] = nil
        #expect(FleetTurns(service(1), local: ["web.1"], dead).granted == ["web.1": 1])
        #expect(FleetTurns(service(1, replicas: 5), local: ["web.1"], view(turns)).granted == ["web.1": 2])
        // Of those on no network of the fleet nobody tells.
        #expect(
            FleetTurns(service(1), local: ["web.1"], view(turns, isOnOverlay: false)).granted == ["web.1": 0])
    }

    /// Of two that see each other exactly one goes on: the one that came first.
    @Test func theEarlierTurnCounts() {
        let turns = [
            1: (node: "n2", replica: "web.2", revision: Int64(5)), 2: (node: "n1", replica: "web.1", revision: 6),
        ]
        #expect(FleetTurns(service(2), local: ["web.1"], view(turns)).granted == ["web.1": 1])
        let swapped = [
            1: (node: "n2", replica: "web.2", revision: Int64(6)), 2: (node: "n1", replica: "web.1", revision: 5),
        ]
        #expect(FleetTurns(service(2), local: ["web.1"], view(swapped)).granted == ["web.1": 0])
        // Whose replica is told of as away is not counted twice.
        #expect(FleetTurns(service(2), local: ["web.1"], view(turns, unready: ["web.2"])).granted == ["web.1": 1])
    }

    @Test func freeTurnsAreAskedForAndThoseThatAreOverGivenBack() {
        func wants(
            _ maxUnavailable: Int, _ view: FleetView, _ waiting: [String], held: Set<String> = []
        ) -> ([ClaimKey], [String], [ClaimKey]) {
            let turns = FleetTurns(service(maxUnavailable), local: ["web.1", "web.4"], view)
            let (requests, releases) = turns.wants(waiting, held: held.union(waiting))
            return (requests.map(\.key), requests.map(\.holder), releases)
        }
        func key(_ number: Int) -> ClaimKey { .update(service: "web", number) }
        #expect(wants(1, view(), ["web.1", "web.4"]) == ([key(1)], ["container/web.1"], []))
        #expect(
            wants(3, view(), ["web.1", "web.4"]) == ([key(1), key(2)], ["container/web.1", "container/web.4"], []))
        #expect(wants(1, view([1: ("n2", "web.2", 5)]), ["web.1"]) == ([], [], []))
        #expect(wants(2, view([1: ("n2", "web.2", 5)]), ["web.1"]) == ([key(2)], ["container/web.1"], []))
        // What it has it keeps while the replica is not ready again, and then gives it back.
        #expect(wants(2, view([1: ("n1", "web.1", 5)]), ["web.1"]) == ([], [], []))
        #expect(wants(2, view([1: ("n1", "web.1", 5)]), [], held: ["web.1"]) == ([], [], []))
        #expect(wants(2, view([1: ("n1", "web.1", 5)]), []) == ([], [], [key(1)]))
        #expect(wants(0, view(), ["web.1"]) == ([], [], []))
    }
}
