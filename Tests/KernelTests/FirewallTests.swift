import Testing

/// Who reaches whom. Whether bridged packets pass the firewall decides what does the work, never what comes of it: so
/// each test runs under both settings.
@Suite(.serialized, .kernel) struct FirewallTests {
    private let pause = ["sleep", "600"]

    @Test(arguments: [true, false]) func networksAreApart(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            try host.write(
                Manifest.network("front", dual(20)), Manifest.network("back", dual(21)),
                host.container("web", "networks: [front]"), host.container("near", command: pause, "networks: [front]"),
                host.container("far", command: pause, "networks: [back]"))
            try host.apply()
            let (ipv4, ipv6) = (try host.address("web"), try host.address("web", "ipv6"))
            try host.awaitHTTP("\(ipv4):80")
            try host.awaitHTTP("[\(ipv6)]:80")
            for server in ["\(ipv4):80", "[\(ipv6)]:80"] {
                #expect(try host.http(server, from: .sandbox("near"), patience: 10).code == 0, "\(server)")
                #expect(try host.http(server, from: .sandbox("far")).isUnreachable, "\(server)")
            }
            // Same network: with the client's own address.
            #expect(try host.client(of: "\(ipv4):80", from: .sandbox("near")) == host.address("near"))
            #expect(try !host.pings(ipv4, from: .sandbox("far")))
            #expect(try host.awaitPing(ipv4, from: .sandbox("near")))
        }
    }

    @Test(arguments: [true, false]) func iccFalseKeepsNeighboursApart(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try host.connect("client", number: 1)
            try host.write(
                Manifest.network("front", dual(20), "bridge: { icc: false }"),
                host.container("web", "networks: [front]", "ports: ['8080:80']"),
                host.container("near", command: pause, "networks: [front]"))
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
            let (ipv4, ipv6) = (try host.address("web"), try host.address("web", "ipv6"))
            try host.awaitHTTP("[\(ipv6)]:80")
            for server in ["\(ipv4):80", "[\(ipv6)]:80"] {
                #expect(try host.http(server, from: .sandbox("near")).isUnreachable, "\(server)")
            }
            #expect(try !host.pings(ipv4, from: .sandbox("near")))
            // What is published is for neighbours too; and the host and the world go on reaching it.
            #expect(try host.http("\(client.hostIPv4):8080", from: .sandbox("near"), patience: 10).code == 0)
            #expect(try host.http("\(client.hostIPv4):8080", from: .sandbox("web"), patience: 10).code == 0)
            #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4)
            // Changed in place, both ways.
            let pids = try ["web", "near"].map { try host.pid($0) }
            for (icc, isOpen) in [("true", true), ("false", false)] {
                let site = Files.read(host.manifests + "/site.yaml")
                try host.write(site.replacing(#/icc: (true|false)/#, with: "icc: \(icc)"))
                try host.apply()
                for server in ["\(ipv4):80", "[\(ipv6)]:80"] {
                    if isOpen {
                        // A neighbour that did not answer is not asked again at once.
                        try host.awaitHTTP(server, from: .sandbox("near"))
                    } else {
                        #expect(try host.http(server, from: .sandbox("near")).isUnreachable, "\(server)")
                    }
                }
            }
            #expect(try ["web", "near"].map { try host.pid($0) } == pids)
        }
    }

    /// The switch is an observed fact: where it is thrown, the next pass does the other thing.
    @Test func isolationFollowsTheSwitch() throws {
        try withHost(bridged: true) { host in
            try host.write(
                Manifest.network("front", dual(20), "bridge: { icc: false }"),
                host.container("web", "networks: [front]"), host.container("near", command: pause, "networks: [front]"))
            try host.apply()
            let server = "\(try host.address("web")):80"
            try host.awaitHTTP(server)
            for value in [0, 1] {
                try host.sh("echo \(value) > /proc/sys/net/bridge/bridge-nf-call-iptables")
                try host.apply()
                try host.expectConverged()
                #expect(try host.http(server, from: .sandbox("near")).isUnreachable, "bridge-nf-call-iptables \(value)")
            }
        }
    }
}
