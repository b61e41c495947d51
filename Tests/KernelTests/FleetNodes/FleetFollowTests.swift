import Glibc
import Model
import Testing

/// What an agent makes for endpoints elsewhere, one by one, is its own work: where it goes later with a whole pass, or by
/// the next agent, nobody is told of drift.
@Suite(.serialized, .kernel) struct FleetFollowTests {
    private func withSettledFleet(_ body: (NodeFleet) throws -> Void) throws {
        try withNodeFleet { fleet in
            try fleet.write { NodeFleet.webs($0) }
            try fleet.startAgents()
            try fleet.awaitReady()
            try fleet.expectNoStaleEntries("at the start")
            try body(fleet)
        }
    }

    @Test func whatWasFollowedIsNoDrift() throws {
        try withSettledFleet { fleet in
            let extra = { (host: TestHost) in [host.container("extra", "networks: [overnet]")] }
            try fleet.write([2]) { NodeFleet.webs($0) + extra($0) }
            try #require(eventually(within: .seconds(60)) { fleet.running(2).contains("extra") })
            try fleet.expectNoStaleEntries("with one more on node 2")
            let counts = try (1...3).map { try fleet.agent($0).events.count }
            // Gone while the agent of node 1 is away: the next one finds the entries, and no endpoint.
            try fleet.agent(1).stop(SIGTERM)
            try fleet.write([2]) { NodeFleet.webs($0) }
            let isGone = try eventually(within: .seconds(60)) {
                try !fleet.etcdctl("get --prefix --keys-only $KEYS/endpoints/").contains("extra")
            }
            try #require(isGone)
            try fleet.startAgent(1)
            try fleet.awaitReady()
            try fleet.expectNoStaleEntries("after all of it")
            // The kernel's state is there before the word of it.
            var all: [String] = []
            let isTold = try eventually(within: .seconds(20)) {
                all = try fleet.changes(1)
                return all.contains { $0.contains("deleted") && $0.contains("not needed any more") }
            }
            #expect(isTold, "\(all)")
            for number in 1...3 {
                let told = try fleet.changes(number, after: number == 1 ? 0 : counts[number - 1])
                #expect(!told.contains { $0.contains("outside of reconcile") }, "n\(number): \(told)")
            }
        }
    }

    /// A node that was away for longer than its lease is a stranger in its fleet at first. It leaves what leads to the others
    /// as it finds it, until it is one of them again.
    @Test func whoWasAwayForLongChangesNothing() throws {
        try withSettledFleet { fleet in
            let counts = try (1...3).map { try fleet.agent($0).events.count }
            try fleet.agent(1).stop(SIGTERM)
            try #require(eventually(within: .seconds(60)) { try fleet.entry(1, from: 2) == nil })
            try fleet.startAgent(1)
            try fleet.awaitReady()
            try fleet.expectNoStaleEntries("after all of it")
            try fleet.expectNoChange(1, after: counts[0])
            // To the others it was dead: what leads to it went, and came back, and neither is drift.
            for number in [2, 3] {
                var told: [String] = []
                let isTold = try eventually(within: .seconds(20)) {
                    told = try fleet.changes(number, after: counts[number - 1])
                    return told.contains { $0.hasPrefix("deleted") } && told.contains { $0.hasPrefix("created") }
                }
                #expect(isTold, "n\(number): \(told)")
                #expect(!told.contains { $0.contains("outside of reconcile") }, "n\(number): \(told)")
            }
        }
    }
}
