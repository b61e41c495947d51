import Testing

/// A network, a web server and a published port, from all sides.
@Suite(.serialized, .kernel) struct HelloTests {
    /// The stack that most tests start from.
    static func hello(_ host: TestHost) -> [String] {
        [
            Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }, { subnet: 'fd00:20::/64' }]"),
            Manifest.network("back", "subnets: [{ subnet: 10.21.0.0/24 }, { subnet: 'fd00:21::/64' }]"),
            host.container("web", "networks: [{ name: front, ipv4: 10.20.0.10 }]", "ports: ['8080:80']"),
            host.container("near", command: ["sleep", "600"], "networks: [front]"),
            host.container("far", command: ["sleep", "600"], "networks: [back]"),
        ]
    }

    @Test(arguments: [true, false]) func aPublishedPortIsReachedFromEverySide(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try host.connect("client", number: 1)
            try host.write(Self.hello(host).joined())
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
            try host.awaitHTTP("[\(client.hostIPv6)]:8080")

            // From the host: by 127.0.0.1 masqueraded, by its own addresses as the bridge's address.
            #expect(try host.client(of: "127.0.0.1:8080") == "10.20.0.1")
            #expect(try host.client(of: "\(client.hostIPv4):8080") != nil)
            #expect(try host.client(of: "[\(client.hostIPv6)]:8080") != nil)
            // From outside, with the client's own address.
            #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4)
            #expect(try host.client(of: "[\(client.hostIPv6)]:8080", from: client.place) == client.ipv6)
            // From other containers by the host's address, from the same network and from another one.
            for server in ["\(client.hostIPv4):8080", "10.20.0.1:8080", "[\(client.hostIPv6)]:8080"] {
                #expect(try host.client(of: server, from: .sandbox("near")) != nil, "\(server)")
                #expect(try host.client(of: server, from: .sandbox("far")) != nil, "\(server)")
                // And to itself.
                #expect(try host.client(of: server, from: .sandbox("web")) != nil, "\(server)")
            }
            // Nothing else answers.
            #expect(try host.http("\(client.hostIPv4):8081", from: client.place, patience: 10).isRefused)
        }
    }

    /// The bridge's own link-local address must not be waited for: neighbours are asked for with it.
    @Test func aFreshNetworkCarriesIPv6AtOnce() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            try host.write(Self.hello(host).joined())
            try host.apply()
            // The client would outwait the kernel's search for duplicates.
            let ready = try host.sh("ip -6 -o address show dev br-front -tentative")
            #expect(ready.contains(" fe80::1/64 ") && ready.contains(" fd00:20::1/64 "), "\(ready)")
            #expect(try host.sh("ip -6 -o address show dev br-front tentative") == "")
            // The server itself has to listen first, which IPv4 tells.
            try host.awaitHTTP("127.0.0.1:8080")
            let seen = try host.client(of: "[\(client.hostIPv6)]:8080", from: client.place)
            #expect(seen == client.ipv6)
        }
    }

    @Test func datagramsArePublished() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            try host.write(
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }, { subnet: 'fd00:20::/64' }]"),
                host.container("one", command: ["sleep", "600"], "networks: [front]", "ports: ['5300:53/udp']"))
            try host.apply()
            try host.serveDatagrams(port: 53, name: "one", in: .sandbox("one"))
            #expect(try host.datagram(client.hostIPv4, port: 5300, from: client.place) == "one sees \(client.ipv4)")
            #expect(try host.datagram("127.0.0.1", port: 5300) == "one sees 10.20.0.1")
            let answer = try eventually { try host.datagram(client.hostIPv6, port: 5300, from: client.place) != nil }
            #expect(answer)
            #expect(try host.datagram(client.hostIPv6, port: 5300, from: client.place) == "one sees \(client.ipv6)")
        }
    }

    /// A client that goes on sending from one port would follow its old connection for as long as it lives.
    @Test func connectionsOfDatagramsFollowAPortThatMoves() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            func site(_ owner: String) -> String {
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]")
                    + ["one", "two"].map {
                        host.container(
                            $0, command: ["sleep", "600"], "networks: [front]",
                            $0 == owner ? "ports: ['5300:53/udp']" : "ports: []")
                    }.joined()
            }
            try host.write(site("one"))
            try host.apply()
            for name in ["one", "two"] { try host.serveDatagrams(port: 53, name: name, in: .sandbox(name)) }
            func answer() throws -> String? {
                try host.datagram(client.hostIPv4, port: 5300, from: client.place, sourcePort: 40000)
            }
            #expect(try answer()?.hasPrefix("one") == true)
            #expect(try host.sh("conntrack -L -p udp --dport 5300 2>/dev/null").contains("sport=40000"))
            let pids = try ["one", "two"].map { try host.pid($0) }
            try host.write(site("two"))
            try host.apply()
            #expect(try answer()?.hasPrefix("two") == true)
            #expect(try ["one", "two"].map { try host.pid($0) } == pids)
        }
    }
}
