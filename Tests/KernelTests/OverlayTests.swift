import Foundation
import Model
import Testing

/// Overlay networks over three nodes with a router between. What the fleet's control plane would tell the nodes, the
/// tests tell them.
@Suite(.serialized, .kernel) struct OverlayTests {
    /// A network over all nodes, and a container on each: `a` on node 1, `b` on 2, `c` on 3.
    private func start(
        _ fleet: OverlayFleet, ingress: Bool = true, extra: [Int: String] = [:], _ options: String...
    ) throws {
        let spec = ["overlay: { vni: 4097 }", "subnets: [{ subnet: 10.50.0.0/24 }, { subnet: 'fd00:50::/64' }]"]
        for (number, name) in [(1, "a"), (2, "b"), (3, "c")] {
            let host = fleet.node(number)
            try host.write(
                Manifest.network(
                    "over", driver: "overlay", (options.isEmpty ? spec[0] : options.joined(separator: "\n  ")), spec[1]),
                host.container(
                    name, "networks: [{ name: over, ipv4: 10.50.0.1\(number), ipv6: 'fd00:50::1\(number)' }]",
                    extra[number] ?? "restart: always"))
            fleet.members[name] = .init(node: number, addresses: ["10.50.0.1\(number)", "fd00:50::1\(number)"])
            if ingress { fleet.ingress[number] = ["10.50.0.20\(number)", "fd00:50::20\(number)"] }
        }
        try fleet.apply()
        for (number, name) in [(1, "a"), (2, "b"), (3, "c")] {
            try fleet.node(number).awaitHTTP("127.0.0.1:80", from: .sandbox(name))
        }
    }

    /// Asks until a server has seen the client as expected.
    private func expectClient(
        _ host: TestHost, of server: String, from place: TestHost.Place = .host, _ expected: String,
        source: SourceLocation = #_sourceLocation
    ) throws {
        var seen: String?
        let isSo = try eventually {
            seen = try host.client(of: server, from: place)
            return seen == expected
        }
        #expect(isSo, "\(server): \(seen ?? "none")", sourceLocation: source)
    }

    private func expectReach(
        _ fleet: OverlayFleet, _ isExpected: Bool = true, source: SourceLocation = #_sourceLocation
    ) throws {
        for (number, name) in [(1, "a"), (2, "b"), (3, "c")] {
            for other in 1...3 where other != number {
                for address in ["10.50.0.1\(other)", "fd00:50::1\(other)"] {
                    let server = address.contains(":") ? "[\(address)]" : address
                    let host = fleet.node(number)
                    if isExpected {
                        let own = address.contains(":") ? "fd00:50::1\(number)" : "10.50.0.1\(number)"
                        try expectClient(host, of: server, from: .sandbox(name), own, source: source)
                    } else {
                        let client = try host.client(of: server, from: .sandbox(name), patience: 1)
                        #expect(client == nil, "\(name) to \(address)", sourceLocation: source)
                    }
                }
            }
        }
    }

    @Test(arguments: OverlayFleet.Underlay.allCases, [true, false])
    func containersReachEachOtherAcrossARouter(_ underlay: OverlayFleet.Underlay, _ bridged: Bool) throws {
        try withFleet(underlay, bridged: bridged) { fleet in
            let clean = try fleet.node(1).restingSnapshot()
            let file = "\(fleet.router.directory)/wire.pcap"
            let heard = try hear(fleet, file)
            try start(fleet)
            try expectReach(fleet)
            try fleet.expectConverged()
            // The hosts reach containers elsewhere, and are seen by their own addresses.
            for address in ["10.50.0.12", "[fd00:50::12]"] {
                let own = address.hasPrefix("[") ? "fd00:50::201" : "10.50.0.201"
                try expectClient(fleet.node(1), of: address, own)
            }
            // A full-size packet passes, and the MTU is what the underlay leaves.
            let mtu = underlay == .ipv4 ? 1450 : 1430
            #expect(try fleet.node(1).sh("ip -o link show vx-over").contains("mtu \(mtu) "))
            let passes = try eventually {
                try fleet.node(1).attempt("busybox ping -c 1 -W 2 -s \(mtu - 28) 10.50.0.12", in: .sandbox("a"))
                    .isSuccess
            }
            #expect(passes)
            try expectNothingFlooded(fleet, heard, file)
            for number in 1...3 {
                let host = fleet.node(number)
                try host.sh("rm \(host.manifests)/*")
            }
            try fleet.node(1).destroyLeavingNothing(since: clean, "\(underlay)")
        }
    }

    /// What nobody has is asked for, shouted, and sent to a MAC that nobody has.
    private func shout(_ host: TestHost) throws {
        let sandbox = TestHost.Place.sandbox("a")
        _ = try host.attempt("ip neigh replace 10.50.0.97 lladdr 02:42:0a:32:00:61 dev eth0", in: sandbox)
        for address in ["10.50.0.99", "10.50.0.255", "fd00:50::98", "ff02::1%eth0", "10.50.0.97"] {
            _ = try host.attempt("busybox ping -c 1 -W 1 \(address)", in: sandbox)
        }
    }

    /// The frames inside tunnels that were heard on the wire, and all lines.
    private func frames(_ fleet: OverlayFleet, _ file: String) throws -> (inner: [String], all: [String]) {
        let all = try fleet.router.sh("tcpdump -nn -e -r \(file) 2>/dev/null || true").lines.map { String($0) }
        // A frame that goes by the wire itself has a time before it.
        return (all.filter { MACAddress(String($0.drop { $0 == " " }.prefix(17))) != nil }, all)
    }

    private func isFlooded(_ frame: String) -> Bool {
        ["ff:ff:ff:ff:ff:ff", "33:33:", "01:00:5e", "ARP", "neighbor solicitation", "02:42:0a:32:00:61"].contains {
            frame.contains($0)
        }
    }

    /// Hears on the router, which is the only way, that no frame leaves a node but to a MAC that is known. That it would
    /// be heard shows the second half, where a node is told to flood.
    private func expectNothingFlooded(_ fleet: OverlayFleet, _ heard: RunningCommand, _ file: String) throws {
        let host = fleet.node(1)
        try shout(host)
        Thread.sleep(forTimeInterval: 0.3)
        heard.stop()
        let (inner, all) = try frames(fleet, file)
        #expect(inner.count > 20, "little was heard of the tunnels: \(all.prefix(5))")
        #expect(!inner.contains(where: isFlooded), "\(inner.filter(isFlooded).prefix(5))")
        // The full-size packet came in one.
        #expect(!all.contains { $0.contains("frag") })
        let again = "\(fleet.router.directory)/flooded.pcap"
        let second = try hear(fleet, again)
        let peer = fleet.underlay.address(2)
        try host.sh(
            "bridge fdb append 00:00:00:00:00:00 dev vx-over dst \(peer) self permanent; bridge link set dev vx-over flood on"
        )
        try shout(host)
        Thread.sleep(forTimeInterval: 0.3)
        second.stop()
        #expect(try frames(fleet, again).inner.contains(where: isFlooded), "what is flooded is not heard")
        try #require(fleet.run(1).code == 0)
    }

    private func hear(_ fleet: OverlayFleet, _ file: String) throws -> RunningCommand {
        let heard = try fleet.router.start("tcpdump -nn -U --immediate-mode -i to1 -w \(file)")
        guard eventually({ Files.exists(file) }) else { throw Failure("tcpdump does not start") }
        return heard
    }

    @Test func anEndpointThatLeavesLeavesNoEntry() throws {
        try withFleet(.ipv4) { fleet in
            try start(fleet)
            let entries = "bridge fdb show; ip neigh show; ip -6 neigh show"
            #expect(try fleet.node(1).sh(entries).contains("02:42:0a:32:00:0d"))
            fleet.members["c"] = nil
            let result = try fleet.run(1)
            #expect(
                result.operations == [
                    "delete neighbour 10.50.0.13 on vx-over", "delete neighbour fd00:50::13 on vx-over",
                    "delete forwarding 02:42:0a:32:00:0d on vx-over", "delete name c on over",
                ], "\(result)")
            #expect(try !fleet.node(1).sh("bridge fdb show; ip neigh show dev vx-over").contains("02:42:0a:32:00:0d"))
            // It comes back on another node: one entry changes.
            fleet.members["c"] = .init(node: 3, addresses: ["10.50.0.13", "fd00:50::13"])
            _ = try fleet.run(1)
            fleet.members["c"]?.node = 2
            let moved = try fleet.run(1)
            #expect(moved.operations == ["update forwarding 02:42:0a:32:00:0d on vx-over"], "\(moved)")
            #expect(try fleet.node(1).sh("bridge fdb show dev vx-over").contains("dst 192.0.2.2"))
            // A node that dies takes its endpoints along.
            fleet.live = [1, 2]
            fleet.members["c"]?.node = 3
            _ = try fleet.run(1)
            #expect(try !fleet.node(1).sh("bridge fdb show dev vx-over").contains("192.0.3.2"))
            #expect(try !fleet.node(1).sh("nft list set inet reconcile tunnels4").contains("192.0.3.2"))
        }
    }

    @Test func driftIsRepairedWithoutARestart() throws {
        try withFleet(.ipv4) { fleet in
            try start(fleet)
            let host = fleet.node(1)
            let before = host.processes
            let drifts: [(String, String)] = [
                ("ip link set vx-over mtu 1400", "update link vx-over"),
                ("ip link set vx-over down", "update link vx-over"),
                ("ip link set vx-over address 02:00:00:00:00:01", "update link vx-over"),
                ("ip link set vx-over type vxlan id 4097 learning", "update link vx-over"),
                ("ip link set vx-over type vxlan id 4097 local 192.0.1.77", "update link vx-over"),
                ("bridge link set dev vx-over learning on flood on", "update link vx-over"),
                ("ip link set vx-over nomaster", "update link vx-over"),
                ("ip link del vx-over", "create link vx-over"),
                ("ip neigh del 10.50.0.12 dev vx-over", "create neighbour 10.50.0.12 on vx-over"),
                ("ip neigh del fd00:50::12 dev vx-over", "create neighbour fd00:50::12 on vx-over"),
                (
                    "ip neigh replace 10.50.0.12 lladdr 02:00:00:00:00:02 dev vx-over nud permanent",
                    "update neighbour 10.50.0.12 on vx-over"
                ),
                (
                    "bridge fdb del 02:42:0a:32:00:0c dev vx-over self",
                    "update forwarding 02:42:0a:32:00:0c on vx-over"
                ),
                (
                    "bridge fdb del 02:42:0a:32:00:0c dev vx-over master",
                    "update forwarding 02:42:0a:32:00:0c on vx-over"
                ),
                (
                    "bridge fdb replace 02:42:0a:32:00:0c dev vx-over dst 192.0.3.9 self permanent",
                    "update forwarding 02:42:0a:32:00:0c on vx-over"
                ),
                // What would flood everything to somebody.
                (
                    "bridge fdb append 00:00:00:00:00:00 dev vx-over dst 192.0.3.9 self permanent",
                    "delete forwarding 00:00:00:00:00:00 on vx-over"
                ),
                ("ip addr del 10.50.0.201/24 dev br-over", "create address 10.50.0.201/24 on br-over"),
                ("nft flush chain inet reconcile tunnels", "update firewall chain tunnels"),
                ("nft flush set inet reconcile vnis", "create firewall vnis 4097"),
                ("nft flush set inet reconcile tunnels4", "create firewall tunnels4 192.0.2.2"),
                ("nft flush map inet reconcile ingress4", "create firewall ingress4 br-over"),
            ]
            for (drift, repair) in drifts {
                try host.sh(drift)
                let planned = try fleet.run(1, "plan").operations
                #expect(planned.contains(repair), "\(drift): \(planned)")
                let result = try fleet.run(1)
                #expect(result.code == 0 && result.operations == planned, "\(drift): \(result)")
                #expect(result.text.contains("rounds 1"), "\(drift): \(result)")
                #expect(try fleet.run(1).operations.isEmpty, "\(drift)")
            }
            #expect(host.processes == before)
            try expectReach(fleet)
        }
    }

    @Test func tunnelsOfStrangersAreDropped() throws {
        try withFleet(.ipv4) { fleet in
            try start(fleet)
            // A stranger in the place of a node: it has the same network by hand, and knows where `a` is.
            let stranger = fleet.router
            try stranger.sh(
                """
                set -e
                ip link add vx type vxlan id 4097 local 192.0.1.1 dstport 4789 nolearning
                ip link set vx address 02:42:0a:32:00:63 up
                ip addr add 10.50.0.99/24 dev vx
                bridge fdb add 02:42:0a:32:00:0b dev vx dst 192.0.1.2 self
                ip neigh add 10.50.0.11 lladdr 02:42:0a:32:00:0b dev vx nud permanent
                """)
            let count = "grep vx-over: /proc/net/dev | awk '{print $2}'"
            let before = try fleet.node(1).sh(count)
            #expect(try !stranger.pings("10.50.0.11"))
            #expect(try fleet.node(1).sh(count) == before)
            // Another's network on the same port is left alone.
            try fleet.node(1).sh(
                """
                set -e
                ip link add vxs type vxlan id 99 local 192.0.1.2 remote 192.0.1.1 dstport 4789
                ip link set vxs up; ip addr add 10.60.0.1/24 dev vxs
                """)
            try stranger.sh(
                """
                set -e
                ip link add vxs type vxlan id 99 local 192.0.1.1 remote 192.0.1.2 dstport 4789
                ip link set vxs up; ip addr add 10.60.0.2/24 dev vxs
                """)
            #expect(try stranger.awaitPing("10.60.0.1", from: .host))
            // A node that is not live any more is a stranger, too.
            fleet.live = [1, 2]
            _ = try fleet.run(1)
            #expect(try fleet.node(3).client(of: "10.50.0.11", from: .sandbox("c"), patience: 1) == nil)
        }
    }

    @Test(arguments: [true, false]) func portsArePublishedAsOnABridge(_ bridged: Bool) throws {
        try withFleet(.ipv4, bridged: bridged) { fleet in
            try start(fleet, extra: [1: "ports: ['8080:80']"])
            // From outside with the client's own address, from the host itself, and from a container elsewhere.
            try fleet.node(1).awaitHTTP("192.0.1.2:8080")
            try expectClient(fleet.router, of: "192.0.1.2:8080", "192.0.1.1")
            try expectClient(fleet.node(1), of: "127.0.0.1:8080", "10.50.0.201")
            try expectClient(fleet.node(2), of: "192.0.1.2:8080", from: .sandbox("b"), "192.0.2.2")
            // Not what is not published, however one routes.
            try fleet.router.sh("ip route add 10.50.0.0/24 via 192.0.1.2")
            #expect(try fleet.router.client(of: "10.50.0.11", patience: 1) == nil)
            // Out by way of the own node.
            try fleet.router.serveDatagrams(port: 9000, name: "router", in: .host)
            let seen = try fleet.node(2).datagram("192.0.2.1", port: 9000, from: .sandbox("b"), tries: 5)
            #expect(seen?.contains("192.0.2.2") == true, "\(seen ?? "none")")
        }
    }

    @Test(arguments: [true, false]) func internalHasNoWayOutAndIccOffNoWayAcross(_ bridged: Bool) throws {
        try withFleet(.ipv4, bridged: bridged) { fleet in
            try start(fleet, "overlay: { vni: 4097 }", "internal: true")
            try expectReach(fleet)
            #expect(try fleet.node(1).attempt("ip route get 192.0.1.1", in: .sandbox("a")).code != 0)
            for number in 1...3 {
                let file = "\(fleet.node(number).manifests)/site.yaml"
                let text = Files.read(file).replacing("internal: true", with: "internal: false")
                try Files.write(text.replacing("vni: 4097", with: "vni: 4097, icc: false"), to: file)
            }
            try fleet.apply()
            try fleet.expectConverged()
            try expectReach(fleet, false)
        }
    }

    @Test func anotherNumberMakesAnotherTunnel() throws {
        try withFleet(.ipv4) { fleet in
            try start(fleet)
            let before = fleet.node(1).processes
            for number in 1...3 {
                let file = "\(fleet.node(number).manifests)/site.yaml"
                try Files.write(Files.read(file).replacing("vni: 4097", with: "vni: 4098"), to: file)
            }
            let planned = try fleet.run(1, "plan").operations
            #expect(planned.contains("replace link vx-over"))
            try fleet.apply()
            try fleet.expectConverged()
            try expectReach(fleet)
            #expect(fleet.node(1).processes == before)
        }
    }

    /// Without an address of their own the hosts reach nothing elsewhere; containers do.
    @Test func withoutAnIngressAddressContainersReachEachOther() throws {
        try withFleet(.ipv4) { fleet in
            try start(fleet, ingress: false)
            try expectReach(fleet)
            #expect(try fleet.node(1).client(of: "10.50.0.12", patience: 1) == nil)
            try fleet.node(1).awaitHTTP("10.50.0.11")
        }
    }

    /// An address that the fleet has not given yet is not taken.
    @Test func whatIsNotClaimedWaits() throws {
        try withFleet(.ipv4) { fleet in
            try start(fleet)
            let host = fleet.node(1)
            let text = Files.read("\(host.manifests)/site.yaml")
            try host.write(text, host.container("late", "networks: [over]"))
            let waiting = try fleet.run(1)
            #expect(waiting.code == 1 && waiting.text.contains("error unclaimed-address"), "\(waiting)")
            #expect(waiting.operations.isEmpty)
            fleet.members["late"] = .init(node: 1, addresses: ["10.50.0.70", "fd00:50::70"])
            try fleet.apply()
            #expect(try fleet.node(2).awaitPing("10.50.0.70", from: .sandbox("b")))
        }
    }
}
