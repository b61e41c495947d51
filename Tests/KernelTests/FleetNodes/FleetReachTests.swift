import Foundation
import Model
import Testing

/// A fleet of real agents with a real etcd: what runs on one node is reached from the others, and nobody on the way can
/// read what they tell each other.
@Suite(.serialized, .kernel) struct FleetReachTests {
    @Test(arguments: OverlayFleet.Underlay.allCases)
    func containersAndServicesAreReachedAcrossNodes(_ underlay: OverlayFleet.Underlay) throws {
        try withNodeFleet(underlay) { fleet in
            let clean = try (1...3).map { try fleet.node($0).kernelSnapshot() }
            let file = "\(fleet.router.directory)/control.pcap"
            let heard = try fleet.router.start("tcpdump -nn -U --immediate-mode -i any -w \(file) port 2379")
            guard eventually({ Files.exists(file) }) else { throw Failure("tcpdump does not start") }
            // The replicas come when all are members: whoever joins late would be given its share by the others.
            try fleet.write { NodeFleet.webs($0) }
            try fleet.startAgents()
            try fleet.awaitReady()
            try fleet.write { NodeFleet.webs($0) + [NodeFleet.pinger($0, replicas: 6)] }
            let placed = try fleet.awaitReplicas("pinger", 6)
            #expect((1...3).allSatisfy { node in placed.values.count { $0 == node } == 2 }, "\(placed)")
            try fleet.expectNoStaleEntries("at the start")
            try expectReach(fleet)
            try expectPort(fleet)
            try expectStrangersAreDropped(fleet)
            for number in 1...3 {
                // Nobody took replicas that are others', and what is on the network keeps the bridge's MAC in mind.
                let changes = try fleet.changes(number)
                #expect(!changes.contains { $0.hasPrefix("deleted | container/") }, "n\(number): \(changes)")
                #expect(!changes.contains { $0.contains("link br-overnet | mac") }, "n\(number): \(changes)")
            }
            try expectNothingReadable(fleet, heard, file)
            try expectCleanEnd(fleet, clean)
        }
    }

    /// By name, in both families, by ping and by TCP.
    private func expectReach(_ fleet: NodeFleet) throws {
        for number in 1...3 {
            for other in 1...3 where other != number {
                let name = "web\(other)"
                for family in ["-4", "-6"] { try fleet.awaitPing(number, "web\(number)", "\(family) \(name)") }
                for type in ["A", "AAAA"] {
                    let host = fleet.node(number)
                    let address = try #require(try addresses(fleet, number, name, type, count: 1).first)
                    let server = type == "A" ? address : "[\(address)]"
                    let own = try host.address("web\(number)", type == "A" ? "ipv4" : "ipv6")
                    var seen: String?
                    let isServed = try eventually(within: .seconds(30)) {
                        seen = try host.client(of: server, from: .sandbox("web\(number)"))
                        return seen == own
                    }
                    #expect(isServed, "n\(number): \(name) \(type) sees \(seen ?? "nobody")")
                }
            }
            _ = try addresses(fleet, number, "pinger", "A", count: 6)
            try fleet.awaitPing(number, "web\(number)", "pinger.1")
        }
    }

    /// Waits until a container on a node finds as many addresses by a name.
    private func addresses(
        _ fleet: NodeFleet, _ number: Int, _ name: String, _ type: String, count: Int
    ) throws -> [String] {
        var found: [String] = []
        let isKnown = try eventually(within: .seconds(30)) {
            found = try fleet.node(number).lookup(name, type, in: "web\(number)")
            return Set(found).count == count
        }
        #expect(isKnown, "n\(number): \(name) \(type) is \(found)")
        return found
    }

    /// The service's port is reached on every node, and leads to all replicas.
    private func expectPort(_ fleet: NodeFleet) throws {
        for number in 1...3 {
            let server = "\(fleet.host(number)):9090"
            var names: [String: Int] = [:]
            let isSpread = try eventually(within: .seconds(30)) {
                names = try fleet.router.answering(server, requests: 18)
                return names.keys.sorted() == (1...6).map { "pinger.\($0)" }
            }
            #expect(isSpread, "n\(number): \(names)")
        }
    }

    /// A host that is no node, where etcd is, has the same network by hand and knows where a container is: what it sends
    /// comes to nobody. That it would is shown by a node's word for it.
    private func expectStrangersAreDropped(_ fleet: NodeFleet) throws {
        let (stranger, target) = (fleet.control, fleet.node(2))
        let vni = try target.sh("ip -d -o link show vx-overnet | sed -E 's/.* vxlan id ([0-9]+) .*/\\1/'")
        let mac = try target.mac(of: "eth0", in: .sandbox("web2"))
        let (four, six) = (try target.address("web2"), try target.address("web2", "ipv6"))
        try stranger.sh(
            """
            set -e
            ip link add vx type vxlan id \(vni) local \(fleet.underlay.address(9)) dstport 4789 nolearning
            ip link set vx address 02:42:0a:4d:00:63 up
            ip addr add 10.77.0.99/24 dev vx; ip addr add fd00:77::99/64 dev vx nodad
            bridge fdb add \(mac) dev vx dst \(fleet.underlay.address(2)) self
            ip neigh add \(four) lladdr \(mac) dev vx nud permanent
            ip neigh add \(six) lladdr \(mac) dev vx nud permanent
            """)
        let count = "grep vx-overnet: /proc/net/dev | awk '{print $3}'"
        func packets() throws -> Int { Int(try target.sh(count)) ?? 0 }
        var more = 0
        // What members tell each other late, as the end of a connection, is counted there as well.
        let isSilent = try eventually(within: .seconds(30)) {
            let before = try packets()
            for address in [four, six] { #expect(try !stranger.pings(address), "\(address)") }
            more = try packets() - before
            return more == 0
        }
        #expect(isSilent, "\(more) packets came through")
        let set = fleet.underlay == .ipv4 ? "tunnels4" : "tunnels6"
        // An agent would take the word back at once.
        try fleet.killAgent(2)
        try target.sh("nft add element inet reconcile \(set) '{ \(fleet.underlay.address(9)) }'")
        let before = try packets()
        for address in [four, six] { _ = try stranger.pings(address) }
        #expect(try packets() > before, "what a member sends comes through")
        let events = try fleet.agent(2).events.count
        try fleet.startAgent(2)
        try fleet.agent(2).awaitEvent("a stranger's word", after: events, within: .seconds(30)) {
            $0["event"] == "drift" && $0["object"]?.string?.contains(set) == true
        }
        try stranger.sh("ip link del vx")
        try fleet.awaitReady()
    }

    /// What is told in clear would be seen; of the control plane nothing is.
    private func expectNothingReadable(_ fleet: NodeFleet, _ heard: RunningCommand, _ file: String) throws {
        let etcd = "TCP:\(fleet.endpoint):2379"
        _ = try fleet.node(2).attempt("echo plain-marker | socat -t 1 - \(etcd)")
        guard eventually({ Files.exists(file) && (try? isSeen(fleet, "plain-marker", file)) == true }) else {
            throw Failure("the capture sees nothing")
        }
        heard.stop()
        let size = try fleet.router.sh("stat -c %s \(file)")
        #expect(Int(size) ?? 0 > 50_000, "little was heard: \(size) bytes")
        for word in [
            NodeFleet.name, "/reconcile", "overnet", "pinger", "web1", "etcdserverpb", "PRI * HTTP", "10.77.0.",
            "PRIVATE KEY", "vtep", "nodes/n1",
        ] {
            #expect(try !isSeen(fleet, word, file), "\(word) can be read on the wire")
        }
    }

    private func isSeen(_ fleet: NodeFleet, _ word: String, _ file: String) throws -> Bool {
        try fleet.router.attempt("grep -a -q -F -e '\(word)' \(file)").code == 0
    }

    private func expectCleanEnd(_ fleet: NodeFleet, _ clean: [Snapshot]) throws {
        for number in 1...3 {
            try fleet.agent(number).stop()
            try fleet.node(number).destroyLeavingNothing(since: clean[number - 1], "n\(number)")
        }
    }
}
