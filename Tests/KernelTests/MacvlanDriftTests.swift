import Testing

/// What is changed behind our back on a macvlan, and a parent that goes and comes.
@Suite(.serialized, .kernel) struct MacvlanDriftTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let spoil: String
        let object: String
        let fields: [String]
        var testDescription: String { spoil }

        init(_ spoil: String, _ object: String, _ fields: String...) {
            (self.spoil, self.object, self.fields) = (spoil, object, fields)
        }
    }

    /// In the sandbox.
    static let cases = [
        Case("ip link set eth0 mtu 1400", "link eth0", "mtu"),
        Case("ip link set eth0 address 02:00:00:00:00:77", "link eth0", "mac"),
        Case("ip link set eth0 down", "link eth0", "up"),
        Case("ip link set eth0 alias nobodys", "link eth0", "alias"),
        Case("ip link set eth0 group 5", "link eth0", "group"),
        Case("ip link set eth0 addrgenmode none", "link eth0", "linkLocal"),
        Case("ip link set eth0 type macvlan mode private", "link eth0", "mode"),
        Case("ip link del eth0", "link eth0"),
        Case("ip addr del 10.99.9.10/24 dev eth0", "address 10.99.9.10/24"),
        Case("ip addr del fd99:9::10/64 dev eth0", "address fd99:9::10/64"),
        Case("ip route del default", "route default"),
        Case("ip -6 route del default", "route default6"),
        Case("ip route replace default via 10.99.9.3", "route default", "via"),
    ]

    private func site(_ host: TestHost, _ lan: LAN) -> String {
        [
            Manifest.network("lan", driver: "macvlan", lan.subnets, "macvlan: { parent: \(lan.parent) }"),
            host.container("web", "networks: [{ name: lan, ipv4: 10.99.9.10, ipv6: 'fd99:9::10' }]"),
            host.container("near", command: ["sleep", "600"], "networks: [{ name: lan, ipv4: 10.99.9.11 }]"),
        ].joined()
    }

    private func expectReached(_ host: TestHost, _ lan: LAN, _ name: String) throws {
        for address in [lan.outside, lan.outside6, "10.99.9.11"] {
            #expect(try host.awaitPing(address, from: .sandbox("web")), "\(name): \(address)")
        }
    }

    @Test func eachFieldIsNamedAndRepaired() throws {
        try withHost { host in
            let lan = try host.lan()
            try host.write(site(host, lan))
            try host.apply()
            let pids = try ["web", "near"].map { try host.pid($0) }
            for item in Self.cases {
                try host.sh(item.spoil, in: .sandbox("web"))
                let plan = try host.plan()
                #expect(
                    plan.drifted(item.object + Self.place(item))?.filter { $0 != "protocol" } == item.fields,
                    "\(item.spoil)\n\(plan)")
                #expect(plan.changes.allSatisfy { $0.cause != "manifest" }, "\(item.spoil)\n\(plan)")
                #expect(try host.applyOperations() == plan.operations, "\(item.spoil)")
                try host.expectConverged()
                try expectReached(host, lan, item.spoil)
            }
            #expect(try ["web", "near"].map { try host.pid($0) } == pids, "restarted")
        }
    }

    @Test func theAgentRepairsThemAll() throws {
        try withHost { host in
            let lan = try host.lan()
            try host.write(site(host, lan))
            let agent = try host.startAgent()
            try expectReached(host, lan, "at first")
            let pids = try ["web", "near"].map { try host.pid($0) }
            for item in Self.cases {
                let before = agent.events.count
                try host.sh(item.spoil, in: .sandbox("web"))
                try agent.awaitEvent(item.spoil, after: before) {
                    $0.isRepair(of: "\(item.object)\(Self.place(item))", item.fields.first)
                }
                try expectReached(host, lan, item.spoil)
            }
            #expect(try ["web", "near"].map { try host.pid($0) } == pids, "restarted")
            try agent.stop()
        }
    }

    private static func place(_ item: Case) -> String {
        item.object.hasPrefix("link") ? " in web" : " on eth0 in web"
    }

    /// With the parent goes all that sits on it. It is said, nothing else suffers, and all comes back with it.
    @Test func aParentGoesAndComes() throws {
        try withHost { host in
            let lan = try host.lan()
            try host.write(site(host, lan))
            try host.apply()
            let pids = try ["web", "near"].map { try host.pid($0) }
            try host.sh("ip link del \(lan.parent)")
            let plan = try host.plan()
            #expect(plan.changes.isEmpty, "\(plan)")
            #expect(plan.diagnostics.contains { $0.hasPrefix("error parent-missing: there is no link up9") }, "\(plan)")
            #expect(try host.reconcile("apply", host.manifests).code == 1)
            #expect(try ["web", "near"].map { try host.pid($0) } == pids, "they run on")
            try rejoin(host, lan)
            try host.apply()
            try host.expectConverged()
            try expectReached(host, lan, "back")
            #expect(try ["web", "near"].map { try host.pid($0) } == pids)
        }
    }

    @Test func theAgentWaitsForAParent() throws {
        try withHost { host in
            let lan = try host.lan()
            try host.write(site(host, lan))
            let agent = try host.startAgent()
            try expectReached(host, lan, "at first")
            let pids = try ["web", "near"].map { try host.pid($0) }
            let before = agent.events.count
            try host.sh("ip link del \(lan.parent)")
            let isTold = eventually { agent.command.errors.contains("there is no link up9") }
            #expect(isTold, "\(agent.command.errors)")
            let failed = agent.events.dropFirst(before).filter { $0["cause"]?.string?.contains("errno") ?? false }
            #expect(failed.isEmpty, "it tried what could not be: \(failed.map { $0.text() })")
            try rejoin(host, lan)
            try expectReached(host, lan, "back")
            try host.awaitConverged()
            #expect(try ["web", "near"].map { try host.pid($0) } == pids)
            // Also down and up: the links above keep what they have.
            try host.sh("ip link set \(lan.parent) down")
            #expect(try !host.pings(lan.neighbour.ipv4, from: .sandbox("web")))
            try host.sh("ip link set \(lan.parent) up")
            try expectReached(host, lan, "up again")
            try agent.stop()
        }
    }

    /// The same names again, as a card that is plugged in.
    private func rejoin(_ host: TestHost, _ lan: LAN) throws {
        try host.sh("ip link add up9 type veth peer name eth0 netns router; ip link set up9 up")
        try host.sh(
            """
            echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad; ip link set eth0 up
            ip addr add \(lan.neighbour.ipv4)/24 dev eth0; ip addr add \(lan.neighbour.ipv6)/64 dev eth0 nodad
            """, in: lan.neighbour.place)
    }
}
