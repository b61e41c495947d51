import Foundation
import Model
import Testing

/// A node whose clock is wrong. Times are told to others in certificates alone: so a clock that is off by less than their
/// margin harms nobody, and one that is off by more takes its node out of the fleet, which says why.
@Suite(.serialized, .kernel) struct FleetClockTests {
    @Test func aNodesClockMayBeWrong() throws {
        try withNodeFleet { fleet in
            try fleet.write { NodeFleet.webs($0) + [NodeFleet.pinger($0, replicas: 3)] }
            try fleet.startAgents()
            try fleet.awaitReady()
            let placed = try fleet.awaitReplicas("pinger", 3)
            // Until they have run for a while they are not ready: what changes with that is none of this.
            usleep(3_000_000)
            try fleet.awaitReady()
            let before = (1...3).map { fleet.node($0).processes }
            for minutes in [-30, 30] { try slightlyWrong(fleet, minutes) }
            #expect((1...3).map { fleet.node($0).processes } == before, "a container was restarted")
            #expect(try fleet.awaitReplicas("pinger", 3) == placed)
            // A node's certificate holds for months.
            for (days, words) in [(-2, "clock is behind"), (3 * 365, "set the clock right")] {
                try veryWrong(fleet, days, words)
            }
        }
    }

    /// Longer than its lease it is a member like the others.
    private func slightlyWrong(_ fleet: NodeFleet, _ minutes: Int) throws {
        try fleet.killAgent(2)
        let count = try fleet.agent(2).events.count
        try fleet.startAgent(2, clock: minutes * 60)
        try fleet.awaitReady()
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let time = try #require(try fleet.agent(2).events.dropFirst(count).first?["time"]?.string)
        let off = try Date(time, strategy: style).timeIntervalSinceNow / 60
        #expect(abs(off - Double(minutes)) < 2, "\(minutes): the agent's clock is off by \(off) minutes")
        usleep(useconds_t(NodeFleet.lease + 2) * 1_000_000)
        let log = try fleet.agent(2).command.errors
        #expect(try fleet.entry(2)?["health"] == "ready", "\(minutes): \(log)")
        try fleet.expectNoChange(2, after: count, "off by \(minutes) min")
        try awaitConnected(fleet, "off by \(minutes) min")
    }

    /// It is out, says why, and goes on with what it runs; its replica runs elsewhere. With the right time it is back.
    private func veryWrong(_ fleet: NodeFleet, _ days: Int, _ words: String) throws {
        let before = fleet.running(2)
        let own = try #require(before.first { $0.hasPrefix("pinger.") })
        try fleet.killAgent(2)
        try fleet.startAgent(2, clock: days * 86400)
        var text = ""
        let isTold = try eventually(within: .seconds(30)) {
            let result = try fleet.nodeStatus(2)
            text = "\(result)"
            let json = try JSONValue(parsing: Array(fleet.nodeStatus(2, "-o", "json").output.utf8))
            return result.code == 1 && text.contains(words) && json["fleet"]?["code"] == "etcd-certificate"
        }
        #expect(isTold, "\(days) days: \(text)")
        let isGone = try eventually(within: .seconds(60)) { try fleet.entry(2) == nil }
        #expect(isGone, "\(days) days")
        #expect(try fleet.awaitReplicas("pinger", 3, on: [1, 3])[own] != nil)
        #expect(fleet.running(2) == before, "\(days) days: what it has goes on")
        try fleet.awaitPing(1, "web1", "web3", "\(days) days")
        try fleet.expectNoStaleEntries("without node 2", on: [1, 3])
        try fleet.killAgent(2)
        try fleet.startAgent(2)
        try fleet.awaitReady()
        // Each node's share is one again.
        let isSpread = eventually(within: .seconds(60)) {
            let found = fleet.replicas("pinger")
            return found.count == 3 && Set(found.values) == [[1], [2], [3]]
        }
        #expect(isSpread, "\(fleet.replicas("pinger"))")
        try awaitConnected(fleet, "after \(days) days")
        try fleet.expectNoStaleEntries("after \(days) days")
    }

    private func awaitConnected(_ fleet: NodeFleet, _ when: String) throws {
        var status = ""
        let isWell = try eventually(within: .seconds(30)) {
            let result = try fleet.nodeStatus(2)
            status = "\(result)"
            return result.code == 0 && result.output.contains(": connected.")
        }
        #expect(isWell, "\(when): \(status)")
    }
}
