import Glibc
import Model
import Testing

/// Nodes that die, are cut off and come back, and nodes that want the same: in the end everything is there once.
@Suite(.serialized, .kernel) struct FleetPartitionTests {
    private func write(_ fleet: NodeFleet, replicas: Int = 3) throws {
        try fleet.write { NodeFleet.webs($0) + [NodeFleet.pinger($0, replicas: replicas)] }
    }

    @Test func nodesMayDieAndReturn() throws {
        try withNodeFleet { fleet in
            try write(fleet, replicas: 2)
            try fleet.startAgents()
            try fleet.awaitReady()
            let placed = try fleet.awaitReplicas("pinger", 2)
            // One that runs a replica, and that is not asked.
            let (name, victim) = try #require(placed.filter { $0.value != 1 }.min { $0.key < $1.key })
            let others = [1, 2, 3].filter { $0 != victim }
            try death(fleet, name, victim, others)
            try partition(fleet)
            try scaleDown(fleet)
        }
    }

    /// A node dies. Its replica runs elsewhere when its lease is over, and stays there. It takes less than a second more
    /// than the lease; a busy machine is given some more.
    private func death(_ fleet: NodeFleet, _ name: String, _ victim: Int, _ others: [Int]) throws {
        let start = ContinuousClock.now
        try fleet.cut(victim)
        try fleet.killAgent(victim)
        let moved = try fleet.awaitRunning("pinger", 2, on: others, within: .seconds(60))
        let took = ContinuousClock.now - start
        #expect(took < .seconds(NodeFleet.lease + 30), "\(name) was away for \(took)")
        #expect(try fleet.awaitReplicas("pinger", 2, on: others) == moved)
        try fleet.expectNoStaleEntries("while n\(victim) is dead", on: others)
        for number in others {
            try fleet.awaitPing(number, "web\(number)", name, "while n\(victim) is dead")
        }
        // It comes back with what it ran still running, and ends that.
        let counts = try others.map { try fleet.agent($0).events.count }
        try fleet.cut(victim, false)
        try fleet.startAgent(victim)
        try fleet.awaitReady()
        #expect(try fleet.awaitReplicas("pinger", 2) == moved)
        for (number, count) in zip(others, counts) {
            let changes = try fleet.changes(number, after: count).filter { $0.contains("container/pinger") }
            #expect(changes == [], "what ran went back and forth")
        }
        try fleet.expectNoStaleEntries("when n\(victim) is back")
        try expectReach(fleet)
    }

    /// A node that is cut off goes on with what it has; the others take its replicas when its lease is over, and it ends
    /// its own when it is back.
    private func partition(_ fleet: NodeFleet) throws {
        let parted = try #require(try fleet.awaitReplicas("pinger", 2).values.first { $0 != 1 })
        let others = [1, 2, 3].filter { $0 != parted }
        let before = fleet.running(parted)
        try fleet.cut(parted)
        _ = try fleet.awaitReplicas("pinger", 2, on: others, within: .seconds(60))
        #expect(fleet.running(parted) == before, "what it has goes on")
        var status = ""
        let isSaid = try eventually(within: .seconds(20)) {
            let result = try fleet.nodeStatus(parted)
            status = "\(result)"
            return result.output.contains("without etcd since") && result.code == 1
        }
        #expect(isSaid, "\(status)")
        try fleet.node(parted).sh("ip link set br-overnet mtu 1400")
        let repaired = try eventually(within: .seconds(30)) {
            try fleet.node(parted).sh("ip -o link show br-overnet").contains("mtu 1450 ")
        }
        #expect(repaired)
        let kept = try fleet.awaitReplicas("pinger", 2, on: others)
        try fleet.cut(parted, false)
        try fleet.awaitReady()
        #expect(try fleet.awaitReplicas("pinger", 2) == kept)
        try fleet.expectNoStaleEntries("after the partition")
        try expectReach(fleet)
    }

    /// What leaves gets no traffic any more before it ends: whoever asks meanwhile, by whichever node, is answered each
    /// time. Once all replicas are on one node, and once on all of them, where some change theirs as well.
    private func scaleDown(_ fleet: NodeFleet) throws {
        // Of a service that a node is not selected for it has no port.
        for (selector, nodes) in [("nodeSelector: { n: '1' }", [1]), ("nodeSelector: {}", [1, 2, 3])] {
            func write(replicas: Int) throws {
                try fleet.write { host in
                    NodeFleet.webs(host) + [
                        host.service(
                            "pinger", replicas: replicas, template: ["networks: [overnet]"], "ports: ['9090:80']",
                            selector)
                    ]
                }
            }
            var failures: [String] = []
            // A node that the machine holds up for longer than half a second leads traffic to what has ended meanwhile.
            for round in 1...3 where round == 1 || !failures.isEmpty {
                try write(replicas: 5)
                try fleet.awaitReplicas("pinger", 5)
                try fleet.awaitReady()
                try awaitAnswers(fleet, nodes, (1...5).map { "pinger.\($0)" }, selector)
                failures = try failuresWhileAsking(fleet, nodes) {
                    try write(replicas: 2)
                    try fleet.awaitReplicas("pinger", 2)
                    try awaitAnswers(fleet, nodes, ["pinger.1", "pinger.2"], selector)
                }
                if !failures.isEmpty { print("scaling down, round \(round): \(failures)") }
            }
            #expect(failures.isEmpty, "\(selector): \(failures)")
            try fleet.awaitReady()
            try fleet.expectNoStaleEntries("after scaling down, \(selector)")
        }
    }

    /// Asks these nodes all the time while `body` is done; answers with what was not answered.
    private func failuresWhileAsking(
        _ fleet: NodeFleet, _ nodes: [Int], _ body: () throws -> Void
    ) throws -> [String] {
        let end = "\(fleet.router.directory)/asked-enough"
        Files.remove(end)
        let asking = try nodes.map { number in
            try fleet.router.start(
                #"""
                sh -c 'while [ ! -e \#(end) ]; do
                    curl -sS --noproxy "*" -m 10 http://\#(fleet.host(number)):9090/cgi-bin/name || echo failed; sleep 0.01
                done; echo done'
                """#)
        }
        let isAsking = eventually(within: .seconds(60)) { asking.allSatisfy { $0.output.lines.count >= 10 } }
        try #require(isAsking, "\(asking.map(\.output))")
        try body()
        try Files.write("", to: end)
        return zip(nodes, asking).compactMap { number, command in
            let isDone = eventually(within: .seconds(60)) { command.output.contains("done") }
            let count = command.output.lines.count { $0 == "failed" }
            return isDone && count == 0
                ? nil : "n\(number): \(count) failed, done: \(isDone); \(command.errors.suffix(300))"
        }
    }

    /// Waits until these replicas, and no others, answer on each node.
    private func awaitAnswers(_ fleet: NodeFleet, _ nodes: [Int], _ names: [String], _ when: String) throws {
        for number in nodes {
            var seen: [String: Int] = [:]
            let isSpread = try eventually(within: .seconds(60)) {
                seen = try fleet.router.answering("\(fleet.host(number)):9090", requests: 2 * names.count)
                return Set(seen.keys) == Set(names)
            }
            #expect(isSpread, "\(when), n\(number): \(seen)")
        }
    }

    private func expectReach(_ fleet: NodeFleet) throws {
        for number in 1...3 {
            for other in 1...3 where other != number {
                try fleet.awaitPing(number, "web\(number)", "web\(other)")
            }
        }
    }

    /// Two nodes are told at the same moment to have one address, again and again; and all of a service's replicas change
    /// hands. Nothing is there twice, and whoever did not get it says so.
    @Test func theSameAddressIsTakenOnce() throws {
        try withNodeFleet { fleet in
            try fleet.write { _ in [] }
            try fleet.startAgents()
            try fleet.awaitReady()
            var winners: [Int: Int] = [:]
            for round in 1...6 {
                let address = "10.77.0.\(100 + round)"
                for number in [2, 3] {
                    let host = fleet.node(number)
                    try host.write(
                        NodeFleet.network,
                        host.container(
                            "twin\(number)", command: ["sleep", "600"],
                            "networks: [{ name: overnet, ipv4: \(address) }]"))
                }
                let isTaken = eventually(within: .seconds(30)) {
                    [2, 3].contains { fleet.running($0).contains("twin\($0)") && holds(fleet, $0, address) }
                }
                #expect(isTaken, "round \(round): nobody has \(address)")
                // The other one has had the time that it took the winner, and more.
                usleep(700_000)
                let holders = [2, 3].filter { holds(fleet, $0, address) }
                #expect(holders.count == 1, "round \(round): \(holders)")
                guard let winner = holders.first else { continue }
                winners[winner, default: 0] += 1
                var status = ""
                let isSaid = try eventually(within: .seconds(20)) {
                    status = try fleet.nodeStatus(5 - winner).output
                    return status.contains("is not claimed in the fleet yet")
                }
                #expect(isSaid, "round \(round): \(status)")
                #expect([2, 3].filter { holds(fleet, $0, address) } == [winner], "round \(round)")
            }
            for number in [2, 3] { try fleet.node(number).write(NodeFleet.network) }
            let isGone = eventually(within: .seconds(30)) {
                [2, 3].allSatisfy { !fleet.running($0).contains("twin\($0)") }
            }
            #expect(isGone)
            try fleet.expectNoStaleEntries("after \(winners)")
        }
    }

    private func holds(_ fleet: NodeFleet, _ number: Int, _ address: String) -> Bool {
        let result = try? fleet.node(number).attempt("ip -4 -o address show dev eth0", in: .sandbox("twin\(number)"))
        return result?.text.contains(" \(address)/") ?? false
    }
}
