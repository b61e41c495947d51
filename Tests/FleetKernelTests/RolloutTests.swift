import Model
import Testing

@testable import Fleet

@Suite("A rollout in etcd", .serialized, .kernel)
struct RolloutTests {
    private func node(_ session: RunningSession, _ inForce: String, tip: String) -> RolloutNode {
        RolloutNode(
            name: session.view.node, inForce: inForce, tip: tip, joined: tip, looked: .max, preview: .changes,
            condition: .healthy, now: 1)
    }

    private func write(_ step: RolloutStep) -> RolloutWrite? {
        if case .write(let write) = step.action { write } else { nil }
    }

    /// Two connected nodes, of which none is lost, however slow this machine is.
    private func pair(_ cluster: EtcdCluster) async throws -> (RunningSession, RunningSession) {
        let sessions = try ["a", "b"].map { try RunningSession(cluster.node($0), lease: 60) }
        for session in sessions { try await session.awaitConnection() }
        return (sessions[0], sessions[1])
    }

    private func caughtUp(_ revision: Int64, _ sessions: RunningSession...) async throws {
        try await eventually("seen") { sessions.allSatisfy { $0.view.revision >= revision } }
    }

    @Test("of nodes that want a turn at the same moment one gets it, each time", .timeLimit(.minutes(5)))
    func race() async throws {
        let cluster = try EtcdCluster(members: 1)
        let (a, b) = try await pair(cluster)
        try await eventually("both") { a.view.nodes.count == 2 && b.view.nodes.count == 2 }
        var revision: Int64 = 0
        var won: [String: Int] = [:]
        for round in 0..<200 {
            // Another commit, by one of them.
            let commit = "c\(round + 1)"
            var record = try #require(write(FleetRollout(a.view).step(of: newcomer(a, commit))))
            record.settingsRevision = nil
            revision = try #require(try await a.session.write(record))
            try await caughtUp(revision, a, b)
            let wishes = [a, b].map { write(FleetRollout($0.view).step(of: node($0, "c\(round)", tip: commit))) }
            let (first, second) = (try #require(wishes[0]), try #require(wishes[1]))
            #expect(first.take == 0 && second.take == 0)
            async let left = a.session.write(first)
            async let right = b.session.write(second)
            let outcomes = [try await left, try await right]
            #expect(outcomes.compactMap { $0 }.count == 1)
            revision = try #require(outcomes.compactMap { $0 }.first)
            try await caughtUp(revision, a, b)
            let (winner, loser) = outcomes[0] == nil ? (b, a) : (a, b)
            won[winner.view.node, default: 0] += 1
            #expect(FleetRollout(a.view).turns[0]?.node == winner.view.node)
            #expect(FleetRollout(loser.view).current(winner.view.node)?.state == .changing)
            #expect(FleetRollout(loser.view).step(of: node(loser, "c\(round)", tip: commit)).state == .waiting)
            // It has the commit and is healthy: the turn is given back in the same write.
            let end = try #require(write(FleetRollout(winner.view).step(of: node(winner, commit, tip: commit))))
            revision = try #require(try await winner.session.write(end))
            try await caughtUp(revision, a, b)
            #expect(FleetRollout(a.view).turns.isEmpty)
        }
        #expect(won.values.reduce(0, +) == 200)
        await a.stop()
        await b.stop()
    }

    private func newcomer(_ session: RunningSession, _ commit: String) -> RolloutNode {
        RolloutNode(name: session.view.node, inForce: "c0", tip: commit, joined: "c0", looked: .max)
    }

    @Test("a write whose answer was lost, and that is done again, is known as done", .timeLimit(.minutes(5)))
    func repeated() async throws {
        let cluster = try EtcdCluster(members: 1)
        let (a, b) = try await pair(cluster)
        var writes: [RolloutWrite] = []
        let wishes = [
            newcomer(a, "c1"), node(a, "c0", tip: "c1"), node(a, "c1", tip: "c1"), newcomer(a, "c2"),
        ]
        for wish in wishes {
            let step = try #require(write(FleetRollout(a.view).step(of: wish)))
            let revision = try #require(try await a.session.write(step))
            #expect(try await a.session.write(step) == revision)
            if step.take != nil { #expect(try await b.session.write(step) == nil, "another node's turn") }
            try await caughtUp(revision, a, b)
            writes.append(step)
        }
        #expect(writes[1].take == 0 && writes[2].release != nil)
        #expect(try await a.session.write(writes[0]) == nil, "overtaken")
        await a.stop()
        await b.stop()
    }

    @Test("a node whose lease ends in its turn is lost; one that leaves is not", .timeLimit(.minutes(5)))
    func lost() async throws {
        let cluster = try EtcdCluster(members: 1)
        let a = try RunningSession(try cluster.node("a"), lease: 8)
        let b = try RunningSession(try cluster.node("b"))
        for session in [a, b] { try await session.awaitConnection() }
        for wish in [newcomer(a, "c1"), node(a, "c0", tip: "c1")] {
            let step = try #require(write(FleetRollout(a.view).step(of: wish)))
            let revision = try #require(try await a.session.write(step))
            try await caughtUp(revision, a, b)
        }
        #expect(FleetRollout(b.view).turns[0]?.node == "a")
        await a.stop()
        try await eventually("its lease is over") { b.view.nodes["a"] == nil }
        let rollout = FleetRollout(b.view)
        #expect(rollout.turns.isEmpty && rollout.progress["a"]?.state == .changing)
        let stop = try #require(write(rollout.step(of: node(b, "c0", tip: "c1"))))
        let revision = try #require(try await b.session.write(stop))
        try await caughtUp(revision, b)
        #expect(FleetRollout(b.view).record?.state == .stopped && FleetRollout(b.view).record?.node == "a")
        #expect(FleetRollout(b.view).progress["a"]?.state == .failed)

        // An operator's words, from a node's own credentials.
        let control = FleetControl(try cluster.directoryOf("b").read())
        #expect(FleetRollout(try await control.rollout(.resume)).record?.state == .running)
        let set = FleetRollout(try await control.rollout(.set(maxUnavailable: 3, healthyWithin: nil)))
        #expect(set.settings.maxUnavailable == 3)
        #expect(FleetRollout(try await control.rollout(.pause)).record?.isPaused == true)
        var problem: Diagnostic?
        do throws(Diagnostic) { _ = try await control.rollout(.pause) } catch { problem = error }
        #expect(problem?.code == "rollout-paused")
        try await control.remove("a")
        #expect(FleetRollout(try await control.view()).progress["a"] == nil)
        await control.close()
        await b.stop()
    }
}
