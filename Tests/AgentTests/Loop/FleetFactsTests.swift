import Drivers
import Model
import Testing

@testable import Agent
@testable import Fleet

/// What drivers are told of the fleet is the same, whether it follows from the view or from what changed in it.
@Suite struct FleetFactsTests {
    private let keys = FleetKeys(fleet: "f")

    /// A generator with a seed (SplitMix64), so that a failure comes again.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    private func put(_ path: String, _ json: JSONValue, _ revision: Int64) -> EtcdWatchBatch {
        EtcdWatchBatch(
            changes: [
                .put(
                    EtcdKeyValue(key: keys.prefix + path, value: Array(json.text().utf8), modRevision: revision))
            ], revision: revision)
    }

    private func change(_ revision: Int64, _ generator: inout Generator) -> EtcdWatchBatch {
        let node = "n\(Int.random(in: 1...3, using: &generator))"
        let number = UInt32.random(in: 1...12, using: &generator)
        let address = IPAddress(v4: 0x0a32_0000 + number)
        let path: String
        let value: JSONValue
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...4:
            let name = number == 12 ? "ingress" : "web.\(number)"
            path = "endpoints/over/\(node)/\(name)"
            value =
                EndpointEntry(
                    network: "over", node: node, container: name, addresses: [address],
                    mac: MACAddress(derivedFrom: address), aliases: [], service: "web",
                    isHealthy: Bool.random(using: &generator)
                ).json
        case 5, 6:
            path = "claims/addresses/over/\(address)"
            value =
                Claim(
                    key: .address(network: "over", address), node: node,
                    holder: number == 12 ? "ingress" : "container/web.\(number)"
                ).json
        case 7:
            path = "claims/replicas/web/\(number)"
            value = Claim(key: .replica(service: "web", Int(number)), node: node, holder: "service/web").json
        case 8:
            path = "claims/networks/net\(number % 2)"
            value =
                Claim(
                    key: .network("net\(number % 2)"), node: node, holder: "network/net", vni: 4000 + number
                ).json
        default:
            path = "nodes/\(node)"
            value = NodeEntry(name: node, vtep: IPAddress(v4: 0xc000_0200 + number % 2), revision: "\(revision)").json
        }
        guard Int.random(in: 0..<3, using: &generator) == 0 else { return put(path, value, revision) }
        return EtcdWatchBatch(changes: [.deleted(keys.prefix + path, revision: revision)], revision: revision)
    }

    /// Another machine has this node's name: what that one holds is nothing to run here.
    @Test func whoIsNotLetInKnowsNothing() {
        var view = FleetView(fleet: "f", node: "n1")
        view.revision = 1
        let known = FleetFacts(view)
        view.isOutside = true
        #expect(known.isKnown && !FleetFacts(view).isKnown && !FleetFacts(view, since: known, 1).isKnown)
        let unknown = FleetFacts(view)
        view.isOutside = false
        #expect(FleetFacts(view, since: unknown, 1).isKnown)
    }

    @Test(arguments: [1, 2, 3, 4]) func changesComeToTheSame(_ seed: UInt64) {
        var generator = Generator(state: seed)
        var view = FleetView(fleet: "f", node: "n1")
        view.revision = 1
        var (facts, known) = (FleetFacts(view), view.revision)
        for revision in 2...3000 {
            view.apply(change(Int64(revision), &generator), keys)
            // Not every one is looked at, and once so many that what changed is not known any more.
            guard revision % 7 != 0, !(1000...2100).contains(revision) else { continue }
            facts = FleetFacts(view, since: facts, known)
            known = view.revision
            let whole = FleetFacts(view)
            #expect(facts == whole, "revision \(revision)")
            guard facts == whole else { return }
        }
        #expect(view.recent.count <= 1024 && view.recentSince > 0)
        #expect(view.changes(since: 1) == nil && view.changes(since: view.revision)?.isEmpty == true)
    }
}
