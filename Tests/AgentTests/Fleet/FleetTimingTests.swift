import Fleet
import Testing

@testable import Agent

/// What a member of a fleet waits for.
@Suite struct FleetTimingTests {
    private let start = ContinuousClock.now

    /// Whoever is alone at first does not take what belongs to those who come a moment later.
    @Test func replicasAreClaimedWhenNobodyNewHasComeForAWhile() {
        var settling = FleetSettling()
        #expect(settling.deadline(["a"], at: start) == start + .seconds(1))
        #expect(settling.deadline(["a", "b"], at: start + .milliseconds(800)) == start + .milliseconds(1800))
        // That one goes is no reason to wait, nor that it comes back.
        #expect(settling.deadline(["a"], at: start + .milliseconds(1000)) == start + .milliseconds(1800))
        #expect(settling.deadline(["a", "b"], at: start + .milliseconds(1200)) == start + .milliseconds(1800))
        #expect(settling.deadline(["a", "b"], at: start + .milliseconds(1800)) == nil)
        // Over for good.
        #expect(settling.deadline(["a", "b", "c"], at: start + .seconds(2)) == nil)
    }

    @Test func noFleetIsWaitedForWithoutEnd() {
        var settling = FleetSettling()
        for step in 0..<10 {
            let now = start + .milliseconds(500 * step)
            let end = settling.deadline(Set((0...step).map { "n\($0)" }), at: now)
            #expect(end == min(now + .seconds(1), start + .seconds(5)))
        }
        #expect(settling.deadline(["x"], at: start + .seconds(5)) == nil)
    }

    /// A replica that is to leave ends after the others had time to hear of it, and not before.
    @Test func replicasThatLeaveAreDrainedFirst() {
        let (one, two) = (ClaimKey.replica(service: "pinger", 1), ClaimKey.replica(service: "pinger", 2))
        var draining = FleetDraining()
        draining.follow([one], at: start)
        #expect(!draining.isOver(one, at: start) && draining.containers == ["pinger.1"])
        draining.follow([one, two], at: start + .milliseconds(300))
        #expect(draining.deadline(after: start + .milliseconds(300)) == start + .milliseconds(500))
        #expect(draining.isOver(one, at: start + .milliseconds(500)))
        #expect(!draining.isOver(two, at: start + .milliseconds(500)))
        #expect(draining.deadline(after: start + .milliseconds(500)) == start + .milliseconds(800))
        // Whoever is to stay after all is not ended.
        draining.follow([two], at: start + .milliseconds(600))
        #expect(!draining.isOver(one, at: start + .seconds(1)))
    }
}
