import Testing

/// What comes in from outside and goes out, under both settings of whether bridged packets pass the firewall.
@Suite(.serialized, .kernel) struct PerimeterTests {
    private let pause = ["sleep", "600"]

    @Test(arguments: [true, false]) func anInternalNetworkHasNoWayOut(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try host.connect("client", number: 1, usesAsRouter: true)
            try host.serveDatagrams(port: 7, name: "outside", in: client.place)
            try host.write(
                Manifest.network("inner", dual(20), "internal: true"), Manifest.network("open", dual(21)),
                host.container("web", "networks: [inner]"), host.container("near", command: pause, "networks: [inner]"),
                host.container("out", command: pause, "networks: [open]"))
            try host.apply()
            let ipv4 = try host.address("web")
            try host.awaitHTTP("\(ipv4):80")
            #expect(try host.http("\(ipv4):80", from: .sandbox("near"), patience: 10).code == 0)
            #expect(try host.sh("ip route show default; ip -6 route show default", in: .sandbox("web")) == "")
            // Even where somebody inside makes himself a route.
            try host.sh(
                "ip route add default via 10.20.0.1; ip -6 route add default via fd00:20::1", in: .sandbox("near"))
            #expect(try host.datagram(client.ipv4, port: 7, from: .sandbox("near"), tries: 1) == nil)
            #expect(try host.datagram(client.ipv6, port: 7, from: .sandbox("near"), tries: 1) == nil)
            #expect(try host.http("\(ipv4):80", from: client.place).isUnreachable)
            #expect(try host.http("\(ipv4):80", from: .sandbox("out")).isUnreachable)
            // An open network does reach it: the server is there.
            #expect(try host.datagram(client.ipv4, port: 7, from: .sandbox("out")) == "outside sees \(client.hostIPv4)")
        }
    }

    @Test(arguments: [true, false]) func unpublishedPortsAreNotReachedByRouting(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            // The neighbour routes straight to the containers' addresses.
            let neighbour = try host.connect("neighbour", number: 1, usesAsRouter: true)
            try host.write(
                Manifest.network("front", dual(20)),
                host.container("web", "networks: [front]", "ports: ['8080:80']"),
                host.container("shut", "networks: [front]"))
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
            for name in ["web", "shut"] {
                let (ipv4, ipv6) = (try host.address(name), try host.address(name, "ipv6"))
                try host.awaitHTTP("\(ipv4):80")
                try host.awaitHTTP("[\(ipv6)]:80")
                #expect(try host.http("\(ipv4):80", from: neighbour.place).isUnreachable, "\(name)")
                #expect(try host.http("[\(ipv6)]:80", from: neighbour.place).isUnreachable, "\(name)")
                #expect(try !host.pings(ipv4, from: neighbour.place), "\(name)")
            }
            #expect(try host.client(of: "\(neighbour.hostIPv4):8080", from: neighbour.place) == neighbour.ipv4)
        }
    }

    /// The drop in the forward chain is all the guard there is: it is enough, since only a translation by a published
    /// port opens it, never a container's address, whatever the neighbour did before.
    @Test(arguments: [true, false]) func nothingOpensAWayRoundAPublishedPort(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let neighbour = try host.connect("neighbour", number: 1, usesAsRouter: true)
            try host.write(
                Manifest.network("front", dual(20)),
                host.container(
                    "web", "networks: [front]",
                    "ports: ['8080:80', '127.0.0.1:8081:80', '7000:7/udp', '10.99.1.1:8082:80']"))
            try host.apply()
            try host.serveDatagrams(port: 7, name: "inside", in: .sandbox("web"))
            try host.serveDatagrams(port: 9, name: "unpublished", in: .sandbox("web"))
            try host.awaitHTTP("127.0.0.1:8080")
            let (ipv4, ipv6) = (try host.address("web"), try host.address("web", "ipv6"))
            for (server, own) in [(neighbour.hostIPv4, ipv4), (neighbour.hostIPv6, ipv6)] {
                // By the published port, then from the very same port of the client to the container's address.
                let seen = try host.datagram(server, port: 7000, from: neighbour.place, sourcePort: 4242)
                #expect(seen?.hasPrefix("inside sees") == true, "\(server)")
                let ways: [(port: Int, sourcePort: Int?)] = [(7, 4242), (7, nil), (9, nil)]
                for (port, sourcePort) in ways {
                    let answer = try host.datagram(
                        own, port: port, from: neighbour.place, sourcePort: sourcePort, tries: 1)
                    #expect(answer == nil, "\(own) \(port)")
                }
                let bracketed = own.contains(":") ? "[\(own)]" : own
                #expect(try host.http("\(bracketed):80", from: neighbour.place).isUnreachable, "\(own)")
            }
            #expect(try host.datagram(ipv4, port: 9) == "unpublished sees 10.20.0.1", "the server is there")
            #expect(try host.http("\(neighbour.hostIPv4):8081", from: neighbour.place).code != 0)
            #expect(try host.client(of: "\(neighbour.hostIPv4):8082", from: neighbour.place) == neighbour.ipv4)
        }
    }

    @Test(arguments: [true, false]) func loopbackStaysTheHostsOwn(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let neighbour = try host.connect("neighbour", number: 1)
            try host.write(
                Manifest.network("front", dual(20)),
                host.container("web", "networks: [front]", "ports: ['127.0.0.1:8080:80', '9090:80']"),
                host.container("near", command: pause, "networks: [front]"))
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
            #expect(try host.client(of: "127.0.0.1:8080") == "10.20.0.1")
            // Not by the host's other addresses, and not by a neighbour who routes 127/8 to us.
            #expect(try host.http("\(neighbour.hostIPv4):8080", patience: 10).isRefused)
            #expect(try host.http("\(neighbour.hostIPv4):8080", from: neighbour.place).code != 0)
            let routing = """
                echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
                ip address del 127.0.0.1/8 dev lo
                ip route add 127.0.0.1/32 via GATEWAY dev eth0
                """
            try host.sh(routing.replacing("GATEWAY", with: neighbour.hostIPv4), in: neighbour.place)
            try host.sh(routing.replacing("GATEWAY", with: "10.20.0.1"), in: .sandbox("near"))
            _ = try host.start("busybox httpd -f -p 127.0.0.1:7070 -h \(host.rootfs)/www")
            try host.awaitHTTP("127.0.0.1:7070")
            for place in [neighbour.place, .sandbox("near")] {
                for port in [8080, 9090, 7070] {
                    #expect(try host.http("127.0.0.1:\(port)", from: place).isUnreachable, "\(place) \(port)")
                }
            }
            // The packets did arrive, and were dropped by the guard: without it they would have come through.
            #expect(try host.sh("cat /proc/sys/net/ipv4/conf/br-front/route_localnet") == "1")
            try host.sh("nft flush chain inet reconcile raw; echo 1 > /proc/sys/net/ipv4/conf/up1/route_localnet")
            #expect(try host.http("127.0.0.1:7070", from: .sandbox("near"), patience: 10).code == 0)
        }
    }
}
