import Testing

/// Forwarding is turned on for the links that need it, never for all of the host; and found to be off where others turned
/// it off.
@Suite(.serialized, .kernel) struct ForwardingTests {
    private func site(_ host: TestHost) -> String {
        Manifest.network("front", dual(20)) + host.container("web", "networks: [front]", "ports: ['8080:80']")
    }

    private func forwarding(_ host: TestHost, _ link: String) throws -> String {
        try host.sh("cat /proc/sys/net/ipv4/conf/\(link)/forwarding")
    }

    private func expectOpen(_ host: TestHost, _ client: Peer, source: SourceLocation = #_sourceLocation) throws {
        #expect(
            try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4, sourceLocation: source)
        #expect(
            try host.client(of: "[\(client.hostIPv6)]:8080", from: client.place) == client.ipv6, sourceLocation: source)
        #expect(
            try host.datagram(client.ipv4, port: 7, from: .sandbox("web")) == "outside sees \(client.hostIPv4)",
            sourceLocation: source)
    }

    @Test func offAtFirstAndTurnedOffByOthers() throws {
        try withHost { host in
            try host.sh("echo 0 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv6/conf/all/forwarding")
            let client = try host.connect("client", number: 1)
            try host.serveDatagrams(port: 7, name: "outside", in: client.place)
            let clean = try host.kernelSnapshot()
            try host.write(site(host))
            try host.apply()
            try host.expectConverged()
            try host.awaitHTTP("127.0.0.1:8080")
            try expectOpen(host, client)
            #expect(
                try ["br-front", "up1", "all", "default"].map { try forwarding(host, $0) } == ["1", "1", "0", "0"])
            // Whoever writes the one for all writes those of all links: as Docker does at its start, and others at their end.
            try host.sh("echo 1 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/ip_forward")
            #expect(try host.http("\(client.hostIPv4):8080", from: client.place).code != 0)
            let plan = try host.plan()
            #expect(plan.drifted("sysctl net/ipv4/conf/br-front/forwarding") == ["value"], "\(plan)")
            #expect(plan.drifted("sysctl net/ipv4/conf/up1/forwarding") == ["value"], "\(plan)")
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            try expectOpen(host, client)
            try host.destroyLeavingNothing(since: clean, "forwarding was off")
        }
    }

    /// What others need is left to them: another set, and whoever turned it on for all links since.
    @Test func whatOthersNeedStaysOn() throws {
        try withHost { host in
            try host.sh("echo 0 > /proc/sys/net/ipv4/ip_forward")
            _ = try host.connect("client", number: 1)
            try host.write(Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]"))
            try host.apply()
            try Files.write(
                Manifest.network("blue", "subnets: [{ subnet: 10.21.0.0/24 }]"), to: host.directory + "/blue/a.yaml")
            let blue = try host.reconcile("apply", "--set", "blue", host.directory + "/blue")
            #expect(blue.code == 0, "\(blue)")
            #expect(try host.reconcile("destroy", "--yes", "--set", "blue").code == 0)
            #expect(try forwarding(host, "up1") == "1", "the other set needs it")
            try host.expectConverged()
            try host.sh("echo 1 > /proc/sys/net/ipv4/ip_forward")
            #expect(try host.reconcile("destroy", "--yes").code == 0)
            #expect(try forwarding(host, "up1") == "1", "somebody turned it on for all")
            // Off again, it is as it was before all of this.
            try host.sh("echo 0 > /proc/sys/net/ipv4/ip_forward")
            try host.apply()
            #expect(try host.reconcile("destroy", "--yes").code == 0)
            #expect(try forwarding(host, "up1") == "0")
        }
    }

    /// Whichever set was first: what the second found as it wants it stays until that is gone, too.
    @Test func whatTheFirstSetMadeStaysForTheSecond() throws {
        try withHost { host in
            try host.sh("echo 0 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv6/conf/all/forwarding")
            _ = try host.connect("client", number: 1)
            func settings() throws -> [String] {
                try ["ipv4/conf/up1/forwarding", "ipv6/conf/all/forwarding", "ipv6/conf/up1/accept_ra"].map {
                    try host.sh("cat /proc/sys/net/\($0)")
                }
            }
            #expect(try settings() == ["0", "0", "1"])
            try host.write(Manifest.network("front", dual(20)))
            try host.apply()
            try Files.write(Manifest.network("blue", dual(21)), to: host.directory + "/blue/a.yaml")
            let blue = try host.reconcile("apply", "--set", "blue", host.directory + "/blue")
            #expect(blue.code == 0, "\(blue)")
            #expect(try host.reconcile("destroy", "--yes").code == 0)
            #expect(try settings() == ["1", "1", "2"], "the second set needs them")
            let again = try host.reconcile("apply", "--dry-run", "--set", "blue", host.directory + "/blue")
            #expect(again.code == 0, "\(again)")
            #expect(try host.reconcile("destroy", "--yes", "--set", "blue").code == 0)
            #expect(try settings() == ["0", "0", "1"])
        }
    }

    @Test func anAgentSeesItAndNewLinks() throws {
        try withHost { host in
            try host.sh("echo 0 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv6/conf/all/forwarding")
            try host.write(site(host))
            let agent = try host.startAgent()
            try host.awaitHTTP("127.0.0.1:8080")
            // There was no way out when it started.
            let late = try host.connect("late", number: 1)
            try host.serveDatagrams(port: 7, name: "outside", in: late.place)
            #expect(try eventually { try forwarding(host, "up1") == "1" })
            try host.awaitHTTP("\(late.hostIPv4):8080", from: late.place)
            try expectOpen(host, late)
            for family in ["ipv4", "ipv6"] {
                let path = "/proc/sys/net/\(family)/conf/all/forwarding"
                let count = agent.events.count
                try host.sh("echo 1 > \(path); echo 0 > \(path)")
                let object =
                    family == "ipv4"
                    ? "sysctl net/ipv4/conf/br-front/forwarding" : "sysctl net/ipv6/conf/all/forwarding"
                try agent.awaitEvent("repair of \(object)", after: count) { $0.isRepair(of: object, "value") }
                let isBack = try eventually {
                    let links = try ["br-front", "up1"].map { try forwarding(host, $0) }
                    return try links == ["1", "1"] && host.sh("cat /proc/sys/net/ipv6/conf/all/forwarding") == "1"
                }
                #expect(isBack)
                try host.awaitHTTP("\(late.hostIPv4):8080", from: late.place)
                try expectOpen(host, late)
            }
            try agent.stop()
        }
    }
}
