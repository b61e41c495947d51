import Fleet
import Testing

@Suite("Rendezvous hashing")
struct PlacementTests {
    private let nodes = (1...7).map { "node\($0)" }

    private func winners(_ nodes: [String]) -> [Int: String] {
        Dictionary(
            uniqueKeysWithValues: (1...500).map { ($0, Placement.order(service: "web", replica: $0, nodes: nodes)[0]) })
    }

    @Test("a node that goes moves only its own, one that comes takes only what it wins")
    func minimalMovement() {
        let before = winners(nodes)
        let after = winners(Array(nodes.dropLast()))
        for (replica, node) in before where node != "node7" { #expect(after[replica] == node) }
        let moved = before.filter { $0.value == "node7" }
        #expect(moved.count > 30 && moved.count < 120)
        #expect(Set(moved.keys.compactMap { after[$0] }).count == 6)
        #expect(winners(nodes.reversed()) == before)
    }

    @Test("no node gets more than its share")
    func share() {
        let assigned = Placement.assign(service: "pinger", replicas: 2, nodes: ["a", "b"])
        #expect(Set(assigned.values) == ["a", "b"])
        for count in 1...40 {
            let assigned = Placement.assign(service: "web", replicas: count, nodes: nodes)
            #expect(assigned.count == count)
            let most = Dictionary(grouping: assigned.values) { $0 }.values.map(\.count).max() ?? 0
            #expect(most <= (count + 6) / 7)
        }
    }

    @Test("what runs stays: a node that dies and comes back moves nothing back and forth")
    func stays() {
        let start = Placement.assign(service: "web", replicas: 14, nodes: nodes)
        let without = nodes.filter { $0 != "node3" }
        let after = Placement.assign(service: "web", replicas: 14, nodes: without, current: start)
        for (replica, node) in start where node != "node3" { #expect(after[replica] == node) }
        #expect(!after.values.contains("node3") && after.count == 14)
        // Back again: only what is beyond the others' share moves.
        let back = Placement.assign(service: "web", replicas: 14, nodes: nodes, current: after)
        let moved = after.filter { back[$0.key] != $0.value }
        #expect(moved.allSatisfy { back[$0.key] == "node3" } && moved.count <= 2)
        #expect(Placement.assign(service: "web", replicas: 14, nodes: nodes, current: back) == back)
    }

    @Test("nobody, and nothing")
    func empty() {
        #expect(Placement.assign(service: "web", replicas: 3, nodes: [String]()).isEmpty)
        #expect(Placement.assign(service: "web", replicas: 0, nodes: nodes).isEmpty)
    }
}
