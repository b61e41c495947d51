import Testing

/// A host that has its own IPv6 from a router's advertisements goes on heeding them while it forwards for containers.
@Suite(.serialized, .kernel) struct RouterAdvertisementTests {
    private let site = Manifest.network("front", dual(20))

    private func acceptance(_ host: TestHost, _ link: String) throws -> String {
        try host.sh("cat /proc/sys/net/ipv6/conf/\(link)/accept_ra")
    }

    private func forwards(_ host: TestHost) throws -> Bool {
        try host.sh("cat /proc/sys/net/ipv6/conf/all/forwarding") == "1"
    }

    /// Expects default routes by these links, where routers advertise: anew until it is so, as routers do.
    private func expectRoutes(
        _ host: TestHost, _ links: [String], _ what: String, _ lifetime: Int = 0, from routers: TestHost.Place...,
        source: SourceLocation = #_sourceLocation
    ) throws {
        var last: [String] = []
        _ = try eventually {
            for router in routers { try host.advertise(lifetime, from: router) }
            last = try host.advertisedRoutes()
            return last == links
        }
        #expect(last == links, "\(what)", sourceLocation: source)
    }

    /// A bridge of the host's own, with the router at its port and no address but its link-local one.
    private func bridge(_ host: TestHost, _ name: String, to router: String) throws {
        try host.sh(
            """
            set -e
            ip netns add \(router)
            ip link add \(name) type bridge
            ip link add \(name)p master \(name) type veth peer name eth0 netns \(router)
            echo 0 > /proc/sys/net/ipv6/conf/\(name)/accept_dad
            ip link set \(name)p up
            ip link set \(name) up
            ip netns exec \(router) sysctl -qw net.ipv6.conf.eth0.accept_dad=0
            ip -n \(router) link set eth0 up
            """)
        try host.awaitUp((.host, name), (.host, "\(name)p"), (.peer(router), "eth0"))
        try host.awaitAddresses(of: [.host, .peer(router)])
    }

    @Test func aRouteThatExpiresAndComesBack() throws {
        try withHost { host in
            try host.sh("echo 0 > /proc/sys/net/ipv6/conf/all/forwarding")
            let router = try host.connect("router", number: 1)
            try expectRoutes(host, ["up1"], "before us", 1800, from: router.place)
            try host.write(site)
            let plan = try host.plan()
            #expect(plan.operations.contains("update sysctl net/ipv6/conf/up1/accept_ra"), "\(plan)")
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            #expect(try forwards(host) && acceptance(host, "up1") == "2")
            try expectRoutes(host, ["up1"], "it outlasts the beginning of forwarding")
            try expectRoutes(host, [], "the router says that it is none any more", 0, from: router.place)
            try host.expectConverged()
            try host.apply()
            #expect(try acceptance(host, "up1") == "2")
            try expectRoutes(host, ["up1"], "another advertisement", 1800, from: router.place)
            // Somebody turns it off: that is drift, found though the route stands.
            try host.sh("echo 1 > /proc/sys/net/ipv6/conf/up1/accept_ra")
            #expect(try host.plan().drifted("sysctl net/ipv6/conf/up1/accept_ra") == ["value"])
            try host.apply()
            try host.expectConverged()
            #expect(try host.reconcile("destroy", "--yes").code == 0)
            #expect(try !forwards(host) && acceptance(host, "up1") == "1")
            try expectRoutes(host, [], "as before us", 0, from: router.place)
            try expectRoutes(host, ["up1"], "as before us", 1800, from: router.place)
        }
    }

    /// An address or a route by hand says nothing of what a link heeds, and there may be neither.
    @Test func noRouteAtFirst() throws {
        try withHost { host in
            try host.sh("echo 0 > /proc/sys/net/ipv6/conf/all/forwarding")
            let router = try host.connect("router", number: 1)
            try bridge(host, "lan0", to: "second")
            let clean = try host.kernelSnapshot()
            try host.write(site)
            try host.apply()
            try host.expectConverged()
            #expect(try forwards(host))
            #expect(try ["up1", "lan0", "lan0p"].map { try acceptance(host, $0) } == ["2", "2", "1"])
            let second = TestHost.Place.peer("second")
            try expectRoutes(
                host, ["lan0", "up1"], "the first advertisements come after us", 1800, from: router.place, second)
            try host.expectConverged()
            try expectRoutes(host, [], "gone", 0, from: router.place, second)
            try host.destroyLeavingNothing(since: clean, "advertisements were heeded")
        }
    }

    /// What the host did not heed before us it does not heed after.
    @Test func whatWasNotHeededIsLeftAlone() throws {
        try withHost { host in
            try host.sh("echo 0 > /proc/sys/net/ipv6/conf/all/forwarding")
            let one = try host.connect("one", number: 1)
            let two = try host.connect("two", number: 2)
            try host.sh(
                "echo 0 > /proc/sys/net/ipv6/conf/up1/accept_ra; echo 2 > /proc/sys/net/ipv6/conf/up2/accept_ra")
            try host.write(site)
            try host.apply()
            try host.expectConverged()
            #expect(try ["up1", "up2"].map { try acceptance(host, $0) } == ["0", "2"])
            try expectRoutes(host, ["up2"], "one is off, and two the user's own", 1800, from: one.place, two.place)
            #expect(try host.reconcile("destroy", "--yes").code == 0)
            #expect(try ["up1", "up2"].map { try acceptance(host, $0) } == ["0", "2"])
            // A host that forwards by itself heeds none unless its user says so.
            try host.sh(
                """
                echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
                for link in up1 up2; do echo 1 > /proc/sys/net/ipv6/conf/$link/accept_ra; done
                """)
            try host.apply()
            try host.expectConverged()
            #expect(try ["up1", "up2"].map { try acceptance(host, $0) } == ["1", "1"])
        }
    }

    /// Routes come and go without a pass; a link that comes later is taken care of.
    @Test func anAgentHasNothingToDo() throws {
        try withHost { host in
            try host.sh("echo 0 > /proc/sys/net/ipv6/conf/all/forwarding")
            let router = try host.connect("router", number: 1)
            try host.write(site)
            let agent = try host.startAgent()
            #expect(try acceptance(host, "up1") == "2")
            let count = agent.events.count
            for _ in 0..<3 {
                try expectRoutes(host, ["up1"], "heard", 1800, from: router.place)
                try expectRoutes(host, [], "gone", 0, from: router.place)
            }
            #expect(try acceptance(host, "up1") == "2")
            #expect(agent.told(after: count) == [])
            try bridge(host, "lan0", to: "second")
            #expect(try eventually { try acceptance(host, "lan0") == "2" })
            try expectRoutes(host, ["lan0"], "a link that came later", 1800, from: .peer("second"))
            try agent.stop()
            try host.expectConverged()
        }
    }
}
