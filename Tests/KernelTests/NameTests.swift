import Glibc
import Testing

/// Containers find each other by name, on the networks that they share and on no other.
@Suite(.serialized, .kernel) struct NameTests {
    private static let networks = Manifest.network("front", dual(20)) + Manifest.network("back", dual(30))

    /// `web` is on one network, `job` on another, `db` on both.
    private func site(_ host: TestHost, alias: String = "www", networks: String = NameTests.networks) -> String {
        networks + host.container("web", "networks: [{ name: front, aliases: [\(alias)] }]")
            + host.container("db", "networks: [front, { name: back, aliases: [data] }]")
            + host.container("job", "networks: [back]")
    }

    private func address(_ host: TestHost, _ container: String, _ network: String, _ family: String = "ipv4") throws
        -> [String]
    { [try host.address(container, family, network: network)] }

    @Test(arguments: [false, true]) func containersFindEachOther(bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let upstream = try host.connect("upstream", number: 1, usesAsRouter: true)
            let asked = try host.resolver(in: upstream, answer: "192.0.2.99")
            try host.useResolvers(upstream.ipv4)
            try host.write(site(host))
            let plan = try host.plan()
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            for name in ["db", "DB"] {
                #expect(try host.lookup(name, in: "web") == address(host, "db", "front"))
                #expect(try host.lookup(name, "AAAA", in: "web") == address(host, "db", "front", "ipv6"))
            }
            for name in ["web", "www"] { #expect(try host.lookup(name, in: "db") == address(host, "web", "front")) }
            #expect(try host.lookup("www", "AAAA", in: "db") == address(host, "web", "front", "ipv6"))
            #expect(try host.lookup("data", in: "job") == address(host, "db", "back"))
            // Whichever family it asks by, and whichever of its networks.
            for server in ["fd00:20::1", "10.30.0.1", "fd00:30::1"] {
                for (name, network) in [("web", "front"), ("job", "back")] {
                    let answer = try host.dig(name, at: server, from: .sandbox("db"))
                    #expect(try answer.records == address(host, name, network), "\(server): \(answer)")
                }
            }
            for family in ["ipv4", "ipv6"] {
                let address = try host.address("web", family)
                let answer = try host.dig(address, "PTR", at: "10.20.0.1", from: .sandbox("db"))
                #expect(answer.records == ["web.", "www."], "\(answer)")
            }
            // As a program has it.
            let page = try host.reconcile("exec", "job", "--", "/bin/busybox", "nslookup", "db")
            #expect(try page.output.contains(host.address("db", network: "back")), "\(page)")

            // What one network knows, no other is told: not by its own server, not by the other's, over nothing.
            for type in ["A", "AAAA"] {
                let own = try host.dig("job", type, at: "10.20.0.1", from: .sandbox("web"))
                #expect(own.status == "NXDOMAIN" && own.records.isEmpty, "\(own)")
            }
            for server in ["10.30.0.1", "fd00:30::1"] {
                for tcp in [false, true] {
                    let other = try host.dig("job", at: server, from: .sandbox("web"), tcp: tcp, patience: 1)
                    #expect(other.status == "none" && other.took > .milliseconds(900), "\(server): \(other)")
                }
            }
            for server in ["10.20.0.1", "fd00:20::1", "10.30.0.1", "fd00:30::1"] {
                let outside = try host.dig("db", at: server, from: upstream.place, patience: 1)
                #expect(outside.status == "none", "\(server): \(outside)")
            }
            // The host may ask.
            #expect(try host.dig("web", at: "10.20.0.1").records == address(host, "web", "front"))

            // All else is asked outside.
            #expect(try host.lookup("example.test", in: "web") == ["192.0.2.99"])
            #expect(Files.read(asked).lines.contains("example.test"))
            #expect(!Files.read(asked).lines.contains("db"))
        }
    }

    @Test func internalNetworksResolveOnlyInside() throws {
        try withHost { host in
            let upstream = try host.connect("upstream", number: 1)
            let asked = try host.resolver(in: upstream, answer: "192.0.2.99")
            try host.useResolvers(upstream.ipv4)
            let back = Manifest.network("back", "internal: true", dual(30))
            try host.write(site(host, networks: Manifest.network("front", dual(20)) + back))
            let plan = try host.plan()
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            #expect(try host.lookup("data", in: "job") == address(host, "db", "back"))
            let outside = try host.dig("secret.test", at: "10.30.0.1", from: .sandbox("job"))
            #expect(outside.status == "NXDOMAIN", "\(outside)")
            #expect(!Files.read(asked).contains("secret"))
            // A container that is on another network, too, has a way out.
            #expect(try host.dig("open.test", at: "10.30.0.1", from: .sandbox("db")).records == ["192.0.2.99"])
            #expect(try host.nameServers().keys.sorted() == ["names", "nowhere"])
            // Its server needs nobody's answer but its own: no container sees it.
            let nowhere = try host.sh("ss -Hlun 'sport = :53'").lines.first { $0.contains("127.82.") }
            #expect(nowhere != nil)
        }
    }

    @Test func aContainersOwnServersAreAsked() throws {
        try withHost { host in
            let first = try host.connect("first", number: 1)
            let second = try host.connect("second", number: 2)
            _ = try host.resolver(in: first, answer: "192.0.2.1")
            let asked = try host.resolver(in: second, answer: "192.0.2.2")
            try host.useResolvers(first.ipv4)
            try host.write(
                Self.networks + host.container("web", "networks: [front]")
                    + host.container("own", "networks: [front]", "dns: { servers: [\(second.ipv4)] }"))
            try host.apply()
            try host.expectConverged()
            #expect(try host.lookup("a.test", in: "web") == ["192.0.2.1"])
            #expect(try host.lookup("b.test", in: "own") == ["192.0.2.2"])
            // The name server asks anew where it hears nothing for a while.
            #expect(Set(Files.read(asked).lines) == ["b.test"])
            #expect(try host.lookup("own", in: "web") == address(host, "own", "front"))
            #expect(try host.lookup("web", in: "own") == address(host, "web", "front"))
            // Another name server of the host is used at once, and no container is started anew.
            let pids = try ["web", "own"].map { try host.pid($0) }
            try host.useResolvers(second.ipv4)
            try host.apply()
            try host.expectConverged()
            #expect(try host.lookup("c.test", in: "web") == ["192.0.2.2"])
            #expect(try ["web", "own"].map { try host.pid($0) } == pids)
        }
    }

    @Test func anAliasChangesWithoutAnyRestart() throws {
        try withHost { host in
            try host.useResolvers("127.0.0.1")
            let clean = try host.kernelSnapshot()
            try host.write(site(host))
            try host.apply()
            let pids = try ["web", "db", "job"].map { try host.pid($0) }
            let servers = try host.nameServers()
            try host.write(site(host, alias: "shop"))
            let plan = try host.plan()
            #expect(plan.operations == ["update name web on front"], "\(plan)")
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            #expect(try host.lookup("shop", in: "db") == address(host, "web", "front"))
            #expect(try host.dig("www", at: "10.20.0.1", from: .sandbox("db")).records == [])
            #expect(try ["web", "db", "job"].map { try host.pid($0) } == pids)
            #expect(try host.nameServers() == servers)
            let endpoints = try host.inspect("container/web")["endpoints"]?.array ?? []
            #expect(endpoints.first?["aliases"]?.array?.compactMap(\.string) == ["shop"])
            #expect(
                try host.inspect("network/front")["nameservers"]?.array?.compactMap(\.string)
                    == ["10.20.0.1", "fd00:20::1"])
            // The last container takes them away; the network stays.
            try host.write(Self.networks)
            try host.apply("--allow-mass-delete")
            try host.expectConverged()
            #expect(try host.nameServers().isEmpty)
            try host.write(site(host))
            try host.apply()
            try host.destroyLeavingNothing(since: clean, "after destroy")
            #expect(try host.attempt("ls -d /run/reconcile/default/dns").code != 0)
        }
    }

    /// What is done to the servers of names, and what of it a plan shows as drift.
    private static let sabotages: [(what: String, script: String, drifted: String)] = [
        ("killed", "kill -9 $PID", "nameserver names"),
        (
            "halted", "kill -STOP $PID; until grep -q 'State:.T' /proc/$PID/status; do sleep 0.01; done",
            "nameserver names"
        ),
        ("a file edited", "sed -i s/web/wob/ $DIR/names/front", "nameserver names"),
        ("a file removed", "rm $DIR/names/front", "nameserver names"),
        ("a file added", "echo 10.99.0.1 > $DIR/names/other", "nameserver names"),
        ("the note removed", "rm $DIR/names.json", "nameserver names"),
        ("all removed", "rm -r $DIR", "nameserver names"),
    ]

    @Test func driftIsFoundAndRepaired() throws {
        try withHost { host in
            try host.useResolvers("127.0.0.1")
            let back = Manifest.network("back", "internal: true", dual(30))
            try host.write(site(host, networks: Manifest.network("front", dual(20)) + back))
            try host.apply()
            let pids = try ["web", "db", "job"].map { try host.pid($0) }
            for server in ["names", "nowhere"] {
                for (what, script, drifted) in Self.sabotages where server == "names" || what == "killed" {
                    let pid = try #require(try host.nameServers()[server])
                    try host.sh("PID=\(pid); DIR=/run/reconcile/default/dns; \(script)")
                    if what == "killed" { #expect(eventually { !isAlive(pid) }) }
                    let object = server == "names" ? drifted : "nameserver nowhere"
                    let plan = try host.plan()
                    #expect(plan.drifted(object) != nil, "\(server) \(what): \(plan)")
                    #expect(try host.applyOperations() == plan.operations, "\(server) \(what)")
                    try host.expectConverged()
                    #expect(try host.lookup("www", in: "db") == address(host, "web", "front"), "\(server) \(what)")
                    let outside = try host.dig("x.test", at: "10.30.0.1", from: .sandbox("job"))
                    #expect(outside.status == "NXDOMAIN", "\(server) \(what): \(outside)")
                }
            }
            #expect(try ["web", "db", "job"].map { try host.pid($0) } == pids)
        }
    }

    @Test func theAgentRepairsThem() throws {
        try withHost { host in
            try host.useResolvers("127.0.0.1")
            try host.write(site(host))
            let agent = try host.startAgent()
            let pids = try ["web", "db", "job"].map { try host.pid($0) }
            let pid = try #require(try host.nameServers()["names"])
            kill(pid, SIGKILL)
            let isBack = try eventually(within: .seconds(30)) {
                let now = try host.nameServers()["names"]
                return try now != nil && now != pid && host.lookup("www", in: "db") == address(host, "web", "front")
            }
            #expect(isBack)
            // A new alias, by the manifest alone.
            try host.write(site(host, alias: "shop"))
            let isKnown = try eventually(within: .seconds(30)) {
                try host.lookup("shop", in: "db") == address(host, "web", "front")
            }
            #expect(isKnown)
            // A container that comes and one that goes.
            try host.write(site(host), host.container("late", "networks: [front]"))
            let isThere = try eventually(within: .seconds(30)) { try !host.lookup("late", in: "web").isEmpty }
            #expect(isThere)
            #expect(try ["web", "db", "job"].map { try host.pid($0) } == pids)
            try agent.stop()
        }
    }

    @Test func whereThePortIsHeldAllElseWorks() throws {
        try withHost { host in
            try host.useResolvers("192.0.2.53")
            let holder = try host.start("socat UDP4-RECVFROM:53,fork PIPE")
            let listens = try eventually { try host.sh("ss -Hlun 'sport = :53'").contains(":53") }
            #expect(listens)
            try host.write(
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]")
                    + host.container("web", "networks: [front]", "ports: ['8080:80']"))
            let plan = try host.plan()
            let isTold = plan.diagnostics.contains {
                $0.hasPrefix("warning names-not-served") && $0.contains("held by socat (pid \(holder.pid))")
            }
            #expect(isTold, "\(plan)")
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
            let resolver = try host.reconcile("exec", "web", "--", "cat", "/etc/resolv.conf").output.lines
            #expect(resolver.first == "nameserver 192.0.2.53")
            let status = try host.reconcile("status", host.manifests)
            #expect(status.code == 0 && status.output.contains("held by socat"), "\(status)")
            #expect(try host.nameServers().isEmpty)
            let pid = try host.pid("web")
            holder.stop()
            try host.apply()
            try host.expectConverged()
            #expect(try host.lookup("web", in: "web") == address(host, "web", "front"))
            #expect(try host.pid("web") == pid)
        }
    }

    /// Whoever asks gets no more than the right to open a low port.
    @Test func theServerHasOneCapability() throws {
        try withHost { host in
            try host.write(site(host))
            try host.apply()
            let pid = try #require(try host.nameServers()["names"])
            let status = Files.read("/proc/\(pid)/status").lines.map { $0.filter { !$0.isWhitespace } }
            for set in ["CapPrm", "CapEff", "CapBnd"] {
                #expect(status.contains("\(set):0000000000000400"), "\(status)")
            }
            #expect(status.contains("NoNewPrivs:1"))
            // The signal by which it is told to read its files anew gets through.
            #expect(status.contains("SigBlk:0000000000000000"), "\(status)")
        }
    }
}
