import Glibc
import Model
import Testing

/// Agents and etcd that are killed, and certificates that are worth nothing any more: what runs goes on, each is told in
/// `status`, and afterwards all is as if nothing had been.
@Suite(.serialized, .kernel) struct FleetCrashTests {
    @Test func agentsAndEtcdMayDie() throws {
        try withNodeFleet { fleet in
            try fleet.write { NodeFleet.webs($0) + [NodeFleet.pinger($0, replicas: 3)] }
            try withoutRuntime(fleet)
            let placed = try fleet.awaitReplicas("pinger", 3)
            try fleet.expectNoStaleEntries("at the start")
            let before = (1...3).map { fleet.node($0).processes }
            try killedAgent(fleet)
            try killedEtcd(fleet)
            try agentThatBeginsWithoutEtcd(fleet)
            #expect((1...3).map { fleet.node($0).processes } == before, "a container was restarted")
            #expect(try fleet.awaitReplicas("pinger", 3) == placed)
            try fleet.expectNoStaleEntries("after all of it")
            try revoked(fleet, placed)
        }
    }

    /// A pass that comes to nothing keeps no node out of the fleet: it is a member, and shown as not well.
    private func withoutRuntime(_ fleet: NodeFleet) throws {
        let host = fleet.node(3)
        // One after the other: `command -v` of dash looks at its first word only.
        let runtimes = "$(command -v crun) $(command -v runc)"
        try host.sh("for program in \(runtimes); do mount --bind /dev/null $(realpath $program); done")
        try fleet.startAgents(1...2)
        try fleet.startAgent(3, isAwaited: false)
        var seen: JSONValue?
        let isTold = try eventually(within: .seconds(60)) {
            seen = try fleet.entry(3)
            // Where it is to be reached is known after the first look.
            return seen?["health"] == "failed" && seen?["message"]?.string?.isEmpty == false
                && seen?["vtep"]?.string == fleet.underlay.address(3)
        }
        #expect(isTold, "\(seen?.text() ?? "no node 3")")
        try host.sh("umount $(mount | awk '/\\/(crun|runc) / { print $3 }')")
        try fleet.awaitReady()
    }

    /// Killed by SIGKILL; the next one takes over what is there, and changes nothing.
    private func killedAgent(_ fleet: NodeFleet) throws {
        try fleet.killAgent(2)
        try fleet.awaitPing(1, "web1", "web2", "while agent 2 is dead")
        let count = try fleet.agent(2).events.count
        try fleet.startAgent(2)
        try fleet.awaitReady()
        try fleet.expectNoChange(2, after: count)
    }

    /// While etcd is away nodes repair what drifts, and say what is wrong; back again, all is as it was.
    private func killedEtcd(_ fleet: NodeFleet) throws {
        let counts = try (1...3).map { try fleet.agent($0).events.count }
        fleet.killEtcd()
        for number in 1...3 { try expectStatus(fleet, number, "without etcd since", code: "etcd-unreachable") }
        try fleet.node(2).sh("ip link set br-overnet mtu 1400")
        try fleet.node(2).sh(
            "bridge fdb del $(bridge fdb show dev vx-overnet | awk '/ dst / { print $1; exit }') dev vx-overnet self")
        for (object, field) in [("link br-overnet", "mtu"), ("forwarding ", nil)] {
            try fleet.agent(2).awaitEvent("a repair of \(object)", after: counts[1], within: .seconds(30)) {
                $0["object"]?.string?.hasPrefix(object) == true && $0["action"]?.string == "repaired"
                    && (field == nil || $0["field"]?.string == field)
            }
        }
        try fleet.awaitPing(3, "web3", "web2", "without etcd")
        try fleet.startEtcd()
        try fleet.awaitReady()
        for number in 1...3 {
            var text = ""
            let isConnected = try eventually(within: .seconds(30)) {
                let result = try fleet.nodeStatus(number)
                text = "\(result)"
                return result.code == 0 && text.contains(": connected.")
            }
            #expect(isConnected, "n\(number): \(text)")
        }
        for number in [1, 3] { try fleet.expectNoChange(number, after: counts[number - 1]) }
    }

    /// An agent that starts while etcd is away leaves all as it finds it.
    private func agentThatBeginsWithoutEtcd(_ fleet: NodeFleet) throws {
        fleet.killEtcd()
        try fleet.killAgent(1)
        let count = try fleet.agent(1).events.count
        try fleet.startAgent(1)
        try expectStatus(fleet, 1, "not connected yet", or: "without etcd since", code: "etcd-unreachable")
        try fleet.awaitPing(2, "web2", "web1", "while agent 1 has no etcd")
        try fleet.startEtcd()
        try fleet.awaitReady()
        try fleet.expectNoChange(1, after: count)
    }

    /// A node whose certificate is revoked: from etcd's restart on it is no member. It says why, and what it ran runs
    /// elsewhere.
    private func revoked(_ fleet: NodeFleet, _ placed: [String: Int]) throws {
        try fleet.fleet(1, "revoke", "n3")
        try fleet.control.sh(
            "cp \(fleet.node(1).data)/fleet/authority/etcd/*/crl.pem \(fleet.control.directory)/etcd/crl.pem")
        fleet.killEtcd()
        try fleet.startEtcd()
        try expectStatus(fleet, 3, "ends connections with this node's certificate", code: "etcd-revoked")
        let isGone = try eventually(within: .seconds(60)) { try fleet.entry(3) == nil }
        #expect(isGone)
        let gone = try #require(placed.first { $0.value == 3 }).key
        let isMoved = eventually(within: .seconds(60)) { (1...2).contains { fleet.running($0).contains(gone) } }
        #expect(isMoved, "\(gone) does not run elsewhere")
        try fleet.expectNoStaleEntries("without node 3", on: [1, 2])
    }

    private func expectStatus(
        _ fleet: NodeFleet, _ number: Int, _ words: String, or others: String? = nil, code: String,
        source: SourceLocation = #_sourceLocation
    ) throws {
        var text = ""
        let isSaid = try eventually(within: .seconds(30)) {
            let result = try fleet.nodeStatus(number)
            text = "\(result)"
            let json = try JSONValue(parsing: Array(fleet.nodeStatus(number, "-o", "json").output.utf8))
            return (text.contains(words) || others.map(text.contains) == true) && result.code == 1
                && json["fleet"]?["code"]?.string == code
        }
        #expect(isSaid, "n\(number): \(text)", sourceLocation: source)
        // What a revoked node held is others' to take; all else is as its agent knows it.
        #expect(code == "etcd-revoked" || !text.contains("Failed"), "n\(number): \(text)", sourceLocation: source)
    }
}
