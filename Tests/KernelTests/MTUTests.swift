import Glibc
import Testing

/// The MTU is the uplink's, goes with it, and is changed on living links.
@Suite(.serialized, .kernel) struct MTUTests {
    /// The MTU of a container's link inside, its end on the host, and the bridge.
    private func seen(_ host: TestHost, _ name: String) throws -> [String] {
        func mtu(_ line: String) -> String {
            let words = line.split(separator: " ").map(String.init)
            return words.firstIndex(of: "mtu").map { words[$0 + 1] } ?? line
        }
        return [
            mtu(try host.sh("ip -o link show eth0", in: .sandbox(name))),
            mtu(try host.sh("ip -o link show \(try host.veth(name))")), mtu(try host.sh("ip -o link show br-front")),
        ]
    }

    private func expect(_ host: TestHost, _ mtu: Int, _ what: String) throws {
        var last: [String] = []
        let isThere = try eventually(within: .seconds(30)) {
            last = try seen(host, "web")
            return last.allSatisfy { $0 == "\(mtu)" }
        }
        #expect(isThere, "\(what): \(last)")
    }

    @Test func theAgentFollowsTheUplink() throws {
        try withHost { host in
            let (one, two) = (try host.connect("one", number: 1), try host.connect("two", number: 2))
            try host.sh(
                "ip link set up1 mtu 1400; ip link set up2 mtu 1450; ip route add default via \(one.ipv4) metric 100")
            try host.write(
                Manifest.network("front", dual(20)), host.container("web", "networks: [front]", "ports: ['8080:80']"))
            let agent = try host.startAgent()
            try expect(host, 1400, "at first")
            let pid = try host.pid("web")
            try host.sh("ip link set up1 mtu 1300")
            try expect(host, 1300, "the uplink's MTU changed")
            try host.sh("ip route add default via \(two.ipv4) metric 50")
            try expect(host, 1450, "another default route")
            try host.sh("ip route del default via \(two.ipv4) metric 50")
            try expect(host, 1300, "the default route is gone again")
            // IPv6 needs 1280: the kernel would take it off the bridge.
            try host.sh("ip link set up1 mtu 1000")
            try expect(host, 1280, "an uplink that is too small for IPv6")
            try host.awaitHTTP("[\(try host.address("web", "ipv6"))]:80")
            #expect(try host.client(of: "\(one.hostIPv4):8080", from: one.place) == one.ipv4)
            #expect(try host.pid("web") == pid)
            try agent.stop()
        }
    }

    /// Sends a datagram of some bytes that must not be fragmented (IP_MTU_DISCOVER, IP_PMTUDISC_DO in ip(7)); prints the
    /// answer, or why it could not be sent.
    private static let sender = #"""
        use strict; use Socket;
        socket(my $socket, AF_INET, SOCK_DGRAM, 17) or die;
        setsockopt($socket, 0, 10, 2) or die;
        connect($socket, sockaddr_in(7, inet_aton($ARGV[0]))) or die;
        alarm 3;
        defined send($socket, "x\n" . 'y' x ($ARGV[1] - 2), 0) or do { print "$!\n"; exit };
        recv($socket, my $answer, 2000, 0);
        print $answer;
        """#

    @Test func downAndUpInPlace() throws {
        try withHost { host in
            func site(_ mtu: Int) -> String {
                Manifest.network("front", dual(20), "mtu: \(mtu)") + host.container("web", "networks: [front]")
            }
            try host.write(site(1500))
            try host.apply()
            try host.awaitHTTP("\(try host.address("web")):80")
            let pid = try host.pid("web")
            try host.serveDatagrams(port: 7, name: "web", in: .sandbox("web"))
            for mtu in [1280, 9000, 1500] {
                try host.write(site(mtu))
                let plan = try host.plan()
                #expect(plan.changes.count == 3 && plan.changes.allSatisfy { $0.fields == ["mtu"] }, "\(plan)")
                #expect(try host.applyOperations() == plan.operations)
                try host.expectConverged()
                try expect(host, mtu, "\(mtu)")
                // A packet as large as that goes through, one larger does not.
                let address = try host.address("web")
                try Files.write(Self.sender, to: host.directory + "/send.pl")
                func send(_ bytes: Int) throws -> String {
                    try host.attempt("perl \(host.directory)/send.pl \(address) \(bytes)").text
                }
                #expect(try eventually { try send(mtu - 28).contains("web sees") }, "\(mtu)")
                #expect(try send(mtu - 27) == "Message too long", "\(mtu)")
            }
            #expect(try host.pid("web") == pid)
        }
    }
}
