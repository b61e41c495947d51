import Testing

/// Which of its addresses the host shows for a network: where ports are published, and what containers are seen with.
@Suite(.serialized, .kernel) struct HostAddressTests {
    @Test func portsAreBoundWhereTheNetworkSays() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            func site(_ options: String) -> String {
                Manifest.network("front", dual(20), options)
                    + host.container(
                        "web", "networks: [front]", "ports: ['8080:80', '\(client.hostIPv4):9090:80', '80']")
            }
            try host.write(site("bridge: { hostBinding: 127.0.0.1 }"))
            try host.apply()
            try host.expectConverged()
            try host.awaitHTTP("127.0.0.1:8080")
            #expect(try host.http("\(client.hostIPv4):8080", from: client.place, patience: 10).isRefused)
            #expect(try host.http("[\(client.hostIPv6)]:8080", from: client.place, patience: 10).isRefused)
            #expect(try host.client(of: "\(client.hostIPv4):9090", from: client.place) == client.ipv4)
            let ports = try host.reconcile("port", "web").output
            #expect(ports.contains("80/tcp -> 127.0.0.1:8080\n"), "\(ports)")
            // Without it the same ports are everywhere, the chosen one with its number.
            let pid = try host.pid("web")
            let chosen = try #require(ports.lines.first { !$0.hasSuffix(":8080") && !$0.hasSuffix(":9090") })
            try host.write(site("bridge: {}"))
            try host.apply()
            try host.expectConverged()
            #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4)
            let number = chosen.split(separator: ":").last ?? ""
            #expect(try host.reconcile("port", "web").output.contains("80/tcp -> 0.0.0.0:\(number)\n"))
            #expect(try host.pid("web") == pid)
        }
    }

    @Test(arguments: [true, false]) func containersAreSeenWithTheAddressAskedFor(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let peer = try host.connect("outside", number: 1)
            try host.sh("ip address add 10.99.1.7/24 dev up1; ip address add fd99:1::7/64 dev up1 nodad")
            try host.serveDatagrams(port: 7, name: "outside", in: peer.place)
            let clean = try host.kernelSnapshot()
            let snat = "bridge: { snat: { ipv4: 10.99.1.7, ipv6: 'fd99:1::7' } }"
            try host.write(
                Manifest.network("front", dual(20), snat), Manifest.network("back", dual(21)),
                host.container("web", "networks: [front]", "ports: ['8080:80']"),
                host.container("far", command: ["sleep", "600"], "networks: [back]"))
            try host.apply()
            try host.expectConverged()
            #expect(try host.datagram(peer.ipv4, port: 7, from: .sandbox("web")) == "outside sees 10.99.1.7")
            #expect(try host.datagram(peer.ipv6, port: 7, from: .sandbox("web")) == "outside sees fd99:1::7")
            #expect(try host.datagram(peer.ipv4, port: 7, from: .sandbox("far")) == "outside sees \(peer.hostIPv4)")
            // What comes in is as ever.
            try host.awaitHTTP("127.0.0.1:8080")
            #expect(try host.client(of: "\(peer.hostIPv4):8080", from: peer.place) == peer.ipv4)
            #expect(try host.http("\(peer.hostIPv4):8080", from: .sandbox("web"), patience: 10).code == 0)
            // Drift.
            try host.sh(
                """
                nft 'delete element inet reconcile snat4 { "br-front" }; \
                add element inet reconcile snat4 { "br-front" : 10.99.1.9 }'
                """)
            #expect(try host.plan().drifted("firewall snat4 br-front") == ["target"])
            try host.apply()
            try host.expectConverged()
            #expect(try host.datagram(peer.ipv4, port: 7, from: .sandbox("web")) == "outside sees 10.99.1.7")
            let exported = try host.reconcile("export")
            #expect(exported.output.contains("ipv4: \"10.99.1.7\""), "\(exported)")
            try host.destroyLeavingNothing(since: clean, "an address for the way out")
        }
    }
}
