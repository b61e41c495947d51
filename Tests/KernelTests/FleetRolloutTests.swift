import Glibc
import Model
import Testing

/// A commit goes over a fleet in turns: real agents that follow a repository, a real etcd, a router between.
@Suite(.serialized, .kernel) struct FleetRolloutTests {
    /// A container with this is healthy eight seconds after its start: so long its node's turn takes at least.
    private let slow = "healthcheck: { command: ['sleep', '8'], interval: 1s, timeout: 30s }"

    @Test func aCommitGoesToOneNodeAtATime() throws {
        try withRolloutFleet { fleet in
            let first = try fleet.commit(1400)
            try fleet.startAll()
            try fleet.await("complete", of: first)
            let second = try fleet.commit(1410)
            try fleet.await("complete", of: second)
            try fleet.expectOneAtATime(second)
            for node in 1...3 {
                try fleet.host(node).awaitMTU(1410)
                // The others hear of it a moment later.
                let isSaid = try eventually(within: .seconds(30)) {
                    let status = try fleet.nodeStatus(node)
                    return status.revision == second && status.rollout["state"]?.string == "healthy"
                }
                #expect(isSaid, "n\(node)")
            }
            let shown = try fleet.command(2, "rollout")
            #expect(shown.contains("complete; 3 of 3 nodes have it. Before it: \(first.prefix(12))"), "\(shown)")
            #expect(try fleet.command(1, "status").contains("Rollout of commit \(second.prefix(12)): complete"))
            // What changes nothing anywhere needs no turn.
            let third = try fleet.commit(text: "# a comment\n" + Files.read(fleet.file))
            try fleet.await("complete", of: third)
            let turns = try fleet.turns(third)
            #expect(turns.allSatisfy { turn in !fleet.said(turn.node, of: third).contains { $0.state == "waiting" } })
            // Two at once, where that is wanted, and never three.
            try fleet.command(3, "rollout", "set", "--max-unavailable", "2")
            let fourth = try fleet.commit(1420, "restart: always", slow)
            try fleet.await("complete", of: fourth)
            let pairs = try fleet.turns(fourth)
            #expect(pairs[1].begin < pairs[0].end && pairs[2].begin > min(pairs[0].end, pairs[1].end), "\(pairs)")
        }
    }

    /// What has to be claimed first is a change like any other.
    @Test func aContainerOnAnOverlayTakesATurn() throws {
        try withRolloutFleet { fleet in
            func commit(_ names: String...) throws -> String {
                let network = Manifest.network("ovl", driver: "overlay", "subnets: [{ subnet: 10.77.0.0/24 }]")
                let containers = names.flatMap { name in
                    (1...3).map { node in
                        fleet.host(node).container(
                            "\(name)\(node)", command: ["sleep", "1d"], "networks: [ovl]",
                            "nodeSelector: { n: '\(node)' }")
                    }
                }
                return try fleet.commit(text: ([network] + containers).joined(separator: "\n"))
            }
            let first = try commit("web")
            try fleet.startAll()
            try fleet.await("complete", of: first)
            let second = try commit("web", "more")
            try fleet.await("complete", of: second)
            let turns = try fleet.turns(second)
            #expect(turns.count == 3 && zip(turns, turns.dropFirst()).allSatisfy { $0.end <= $1.begin }, "\(turns)")
            // Labels that only the agent was given count for whoever looks.
            let status = try fleet.host(2).reconcile("status")
            #expect(status.code == 0 && status.output.contains("container/more2"), "\(status)")
        }
    }

    /// Two containers change places, each with a name and an address that are one for the whole fleet: who has its turn first
    /// cannot begin what the other still runs, and lets that one go first.
    @Test func containersMayChangePlaces() throws {
        try withRolloutFleet { fleet in
            func commit(_ ma: Int, _ mb: Int) throws -> String {
                let network = Manifest.network("ovl", driver: "overlay", "subnets: [{ subnet: 10.77.0.0/24 }]")
                let containers = [("ma", ma), ("mb", mb)].enumerated().map { index, place in
                    fleet.host(1).container(
                        place.0, command: ["sleep", "1d"], "networks: [{ name: ovl, ipv4: 10.77.0.\(40 + index) }]",
                        "nodeSelector: { n: '\(place.1)' }")
                }
                return try fleet.commit(text: ([network] + containers).joined(separator: "\n"))
            }
            let first = try commit(1, 2)
            try fleet.startAll()
            try fleet.await("complete", of: first)
            let second = try commit(2, 1)
            try fleet.await("complete", of: second)
            for (node, name) in [(1, "mb"), (2, "ma")] {
                let answer = try fleet.host(node).reconcile("exec", name, "--", "ip", "-4", "address", "show", "eth0")
                #expect(answer.output.contains("10.77.0.\(name == "ma" ? 40 : 41)/24"), "\(answer)")
            }
        }
    }

    @Test func aBadCommitStopsOnTheFirstNodeAndIsUndone() throws {
        try withRolloutFleet { fleet in
            let first = try fleet.commit(1400)
            try fleet.startAll()
            try fleet.await("complete", of: first)
            let bad = try fleet.commit(1410, "healthcheck: { command: ['false'], interval: 1s, retries: 2 }")
            try fleet.await("stopped", of: bad)
            let status = try fleet.status()
            let failed = try #require(status["node"]?.string.flatMap { Int($0.dropFirst()) })
            #expect(status["reason"]?.string?.contains("container/web is unhealthy") == true)
            let others = [1, 2, 3].filter { $0 != failed }
            #expect(try fleet.nodeStatus(failed).revision == bad)
            for node in others {
                #expect(fleet.said(node, of: bad).allSatisfy { $0.state == "waiting" }, "\(fleet.said(node, of: bad))")
                var own = try fleet.nodeStatus(node)
                let isHeld = try eventually(within: .seconds(30)) {
                    own = try fleet.nodeStatus(node)
                    return own.rollout["state"]?.string == "waiting"
                        && own.rollout["reason"]?.string?.contains("stopped: node n\(failed)") == true
                }
                #expect(isHeld && own.revision == first, "n\(node): \(own)")
                #expect(try fleet.host(node).reconcile("status").output.contains("the rollout is stopped"))
                try fleet.expectRepaired(node, to: 1400)
            }
            // What a node keeps it keeps over a restart.
            try fleet.kill(others[0])
            try fleet.start(others[0])
            try fleet.expectRepaired(others[0], to: 1400)
            try fleet.expectRepaired(failed, to: 1410)
            #expect(try fleet.status()["state"]?.string == "stopped")

            // Also a node whose agent was started anew goes back, in a turn, and stays there.
            try fleet.kill(failed)
            try fleet.command(others[0], "rollout", "undo")
            try fleet.start(failed)
            try fleet.host(failed).awaitMTU(1400)
            let isBack = try eventually(within: .seconds(40)) {
                let status = try fleet.status()
                let nodes = status["nodes"]?.array ?? []
                return status["state"]?.string == "undone"
                    && nodes.allSatisfy { $0["state"]?.string == "healthy" && $0["revision"]?.string == first }
            }
            let seen = try fleet.status().text()
            #expect(isBack, "\(seen)")
            let shown = try fleet.command(1, "rollout", "status")
            #expect(shown.contains("3 of 3 nodes have it"), "\(shown)")
            try fleet.kill(others[1])
            try fleet.start(others[1])
            for node in 1...3 { try fleet.expectRepaired(node, to: 1400) }
            for (order, refusal) in [("undo", "is undone already"), ("resume", "push another commit")] {
                let refused = try fleet.host(1).reconcileFleet(["rollout", order]) { $0.errors.contains(refusal) }
                #expect(!refused.isSuccess, "\(refused)")
            }

            // A container that ends again and again does not become healthy; the fix goes forward over it.
            try fleet.command(1, "rollout", "set", "--healthy-within", "6s")
            let ending = try fleet.commit(1420, "restart: always", "entrypointless: true")
            try fleet.await("stopped", of: ending)
            #expect(try fleet.status()["reason"]?.string?.contains("entrypointless") == true)
            for node in 1...3 { #expect(try fleet.nodeStatus(node).revision == first) }
            try fleet.command(1, "rollout", "set", "--healthy-within", "60s")
            let fixed = try fleet.commit(1430)
            try fleet.await("complete", of: fixed)
            try fleet.expectOneAtATime(fixed)
            #expect(try fleet.status()["previous"]?.string == first)
        }
    }

    @Test func aLoopOfEndsIsNotHealthyAndWhatMendsItGoesForward() throws {
        try withRolloutFleet { fleet in
            let first = try fleet.commit(1400)
            try fleet.startAll()
            try fleet.await("complete", of: first)
            try fleet.command(1, "rollout", "set", "--healthy-within", "6s")
            let ending = try fleet.commit(
                text: Files.read(fleet.file).replacing("'sleep', '1d'", with: "'sleep', '0.2'"))
            try fleet.await("stopped", of: ending)
            #expect(try fleet.status()["reason"]?.string?.hasPrefix("not healthy within 6s: container/web") == true)
            let failed = try fleet.awaitNode("failed", of: ending)
            try fleet.command(1, "rollout", "set", "--healthy-within", "60s")
            let fixed = try fleet.commit(1410)
            try fleet.await("complete", of: fixed)
            try fleet.expectOneAtATime(fixed)
            #expect(try fleet.turns(fixed)[0].node == failed, "who is unwell goes first")
        }
    }

    @Test func pauseHoldsAndResumeGoesOn() throws {
        try withRolloutFleet { fleet in
            let first = try fleet.commit(1400)
            try fleet.startAll()
            try fleet.await("complete", of: first)
            try fleet.command(2, "rollout", "pause")
            let second = try fleet.commit(1410, "restart: always", slow)
            for node in 1...3 {
                let isHeld = eventually(within: .seconds(20)) {
                    fleet.said(node, of: second).contains { $0.reason == "the rollout is paused" }
                }
                #expect(isHeld, "n\(node): \(fleet.said(node, of: second))")
            }
            sleep(3)
            for node in 1...3 {
                #expect(try fleet.nodeStatus(node).revision == first)
                try fleet.expectRepaired(node, to: 1400)
            }
            #expect(try fleet.status()["state"]?.string == "paused")
            // Paused in the middle: who is changing finishes, and nobody else begins.
            try fleet.command(3, "rollout", "resume")
            let node = try fleet.awaitNode("changing", of: second)
            try fleet.command(3, "rollout", "pause")
            let isDone = eventually(within: .seconds(60)) {
                fleet.said(node, of: second).contains { $0.state == "healthy" }
            }
            #expect(isDone)
            sleep(3)
            for other in [1, 2, 3] where other != node { #expect(try fleet.nodeStatus(other).revision == first) }
            try fleet.command(3, "rollout", "resume")
            try fleet.await("complete", of: second)
            try fleet.expectOneAtATime(second)
        }
    }

    @Test func anAgentIsKilledInItsTurn() throws {
        try withRolloutFleet { fleet in
            let first = try fleet.commit(1400)
            try fleet.startAll()
            try fleet.await("complete", of: first)
            // It comes back at once and goes on.
            let second = try fleet.commit(1410, "restart: always", slow)
            var node = try fleet.awaitNode("changing", of: second)
            try fleet.kill(node)
            try fleet.start(node)
            try fleet.await("complete", of: second)
            let turns = try fleet.turns(second)
            for (one, next) in zip(turns, turns.dropFirst()) { #expect(one.end < next.begin, "\(turns)") }

            // It does not come back: it is lost, and nobody takes its turn.
            let third = try fleet.commit(1420, "restart: always", slow)
            node = try fleet.awaitNode("changing", of: third)
            try fleet.kill(node)
            try fleet.await("stopped", of: third)
            #expect(try fleet.status()["node"]?.string == "n\(node)")
            #expect(try fleet.status()["reason"]?.string?.contains("lost") == true)
            for other in [1, 2, 3] where other != node {
                #expect(try fleet.nodeStatus(other).revision == second)
                try fleet.expectRepaired(other, to: 1410)
            }
            try fleet.start(node)
            let isBack = try eventually(within: .seconds(60)) { try fleet.states()["n\(node)"] == "failed" }
            let seen = try fleet.status().text()
            #expect(isBack, "\(seen)")
            try fleet.command(1, "rollout", "resume")
            try fleet.await("complete", of: third)
        }
    }

    @Test func withoutEtcdNoCommitIsTaken() throws {
        try withRolloutFleet { fleet in
            let first = try fleet.commit(1400)
            try fleet.startAll()
            try fleet.await("complete", of: first)
            fleet.killEtcd()
            let second = try fleet.commit(1410)
            for node in 1...3 {
                let isSaid = eventually(within: .seconds(40)) {
                    fleet.said(node, of: second).contains { $0.reason.contains("etcd is away") }
                }
                #expect(isSaid, "n\(node): \(fleet.said(node, of: second))")
                let own = try fleet.nodeStatus(node)
                #expect(own.revision == first && own.rollout["reason"]?.string?.contains("etcd is away") == true)
                try fleet.expectRepaired(node, to: 1400)
            }
            // Also of an agent that starts without it.
            try fleet.kill(2)
            try fleet.start(2)
            try fleet.expectRepaired(2, to: 1400)
            sleep(2)
            #expect(try fleet.nodeStatus(2).revision == first)
            try fleet.startEtcd()
            try fleet.await("complete", of: second)
            try fleet.expectOneAtATime(second)
        }
    }

    @Test func aNodeWithADirectoryTakesNoPart() throws {
        try withRolloutFleet { fleet in
            let host = fleet.host(3)
            try host.write(Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]", "mtu: 1400"))
            let agent = try host.startAgent()
            let first = try fleet.commit(1410)
            for node in 1...2 { try fleet.start(node) }
            try fleet.await("complete", of: first)
            #expect(try fleet.states() == ["n1": "healthy", "n2": "healthy", "n3": "direct"])
            try host.write(Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]", "mtu: 1420"))
            try host.awaitMTU(1420)
            #expect(try fleet.command(1, "rollout", "status").contains("apply at once"))
            try agent.stop()
        }
    }
}
