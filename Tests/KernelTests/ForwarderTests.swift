import Glibc
import Testing

/// Published ports on ::1, which the kernel cannot translate: one process serves them all.
@Suite(.serialized, .kernel) struct ForwarderTests {
    private static let networks =
        Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }, { subnet: 'fd00:20::/64' }]")
        + Manifest.network("four", "subnets: [{ subnet: 10.21.0.0/24 }]")

    private func site(_ host: TestHost, web: String, old: String = "[]") -> String {
        Self.networks + host.container("web", "networks: [front]", "ports: \(web)")
            + host.container("old", "networks: [four]", "ports: \(old)")
    }

    @Test func bytesReachTheContainerInEitherFamily() throws {
        try withHost { host in
            try host.write(
                site(
                    host, web: "['8080:80', '5300:53/udp']",
                    old: "['[::1]:8081:80', '[::1]:5301:53/udp', '[::1]::80', '8082:80']"))
            let plan = try host.plan()
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            try host.awaitHTTP("127.0.0.1:8080")
            try host.awaitHTTP("127.0.0.1:8082")
            #expect(try host.client(of: "[::1]:8080") == "fd00:20::1")
            #expect(try host.client(of: "[::1]:8081") == "10.21.0.1")
            for (name, port) in [("web", 5300), ("old", 5301)] {
                try host.serveDatagrams(port: 53, name: name, in: .sandbox(name))
                let sees = try host.datagram("::1", port: port)
                #expect(sees == "\(name) sees \(name == "web" ? "fd00:20::1" : "10.21.0.1")")
            }
            // Only there, and nothing else there: not what is published in IPv4 only, nor what is not published.
            for server in ["127.0.0.1:8081", "[::1]:8082", "[::1]:80"] {
                let page = try host.http(server, patience: 10)
                #expect(page.isRefused, "\(server): \(page)")
            }
            let ports = try host.reconcile("port", "old").output.lines
            #expect(ports.contains("53/udp -> [::1]:5301") && ports.contains("80/tcp -> [::1]:8081"), "\(ports)")
            let ephemeral = try #require(ports.first { $0.hasPrefix("80/tcp -> [::1]:") && !$0.hasSuffix(":8081") })
            #expect(try host.client(of: String(ephemeral.dropFirst(10))) == "10.21.0.1")
            #expect(try host.reconcile("port", "web", "80").output.lines == ["0.0.0.0:8080", "[::]:8080"])
        }
    }

    /// Whoever comes by ::1 gets no more than the right to open a low port.
    @Test func theForwarderHasOneCapability() throws {
        try withHost { host in
            try host.write(site(host, web: "['[::1]:80:80']"))
            try host.apply()
            try host.awaitHTTP("[::1]:80")
            let pid = try #require(try host.forwarder())
            let status = Files.read("/proc/\(pid)/status").lines.map { $0.filter { !$0.isWhitespace } }
            for set in ["CapPrm", "CapEff", "CapBnd"] {
                #expect(status.contains("\(set):0000000000000400"), "\(status)")
            }
            #expect(status.contains("NoNewPrivs:1"))
            #expect(Files.read("/proc/\(pid)/comm").trimmed == "reconcile")
        }
    }

    @Test func portsComeAndGoUnderALivingConnection() throws {
        try withHost { host in
            try host.write(site(host, web: "['8080:80']"))
            try host.apply()
            try host.awaitHTTP("[::1]:8080")
            let pids = try ["web", "old"].map { try host.pid($0) }
            let forwarder = try host.forwarder()
            // Sends its request only when it is told to.
            let (go, page) = (host.directory + "/go", host.directory + "/page")
            let request = "until [ -e \(go) ]; do sleep 0.1; done; echo GET / HTTP/1.0; echo; cat > \(page)"
            _ = try host.start("socat -t 5 TCP6:[::1]:8080 'SYSTEM:\(request)'")
            let isConnected = try eventually { try host.sh("ss -Htn 'dport = :8080'").contains("ESTAB") }
            #expect(isConnected)
            for (web, old) in [
                ("['8080:80', '8090:80']", "['[::1]:8081:80']"), ("['8080:80']", "['[::1]:8091:80']"),
                ("['8080:80']", "[]"),
            ] {
                try host.write(site(host, web: web, old: old))
                let plan = try host.plan()
                #expect(try host.applyOperations() == plan.operations)
                try host.expectConverged()
                #expect(try host.forwarder() == forwarder)
            }
            try Files.write("", to: go)
            let isAnswered = eventually { Files.read(page).contains("200 OK") }
            #expect(isAnswered, "\(Files.read(page))")
            #expect(try ["web", "old"].map { try host.pid($0) } == pids)
        }
    }

    @Test func theLastPortTakesItAway() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            try host.write(site(host, web: "['8080:80']"))
            try host.apply()
            let pid = try #require(try host.forwarder())
            try host.write(site(host, web: "['0.0.0.0:8080:80']"))
            try host.apply()
            try host.expectConverged()
            #expect(!isAlive(pid))
            #expect(host.cgroups.filter { $0.hasSuffix("/forwarder") } == [])
            #expect(try host.attempt("ls -d /run/reconcile/default/forwarder").code != 0)
            #expect(try host.http("[::1]:8080", patience: 10).isRefused)
            // And with everything else.
            try host.write(site(host, web: "['8080:80']"))
            try host.apply()
            try host.destroyLeavingNothing(since: clean, "after destroy")
            #expect(try host.attempt("ls -d /run/reconcile/default/forwarder").code != 0)
        }
    }

    /// Its death is found by whoever comes next, even if nothing is wanted any more.
    @Test func aDeadForwarderLeavesNothing() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            try host.write(site(host, web: "['8080:80']"))
            try host.apply()
            let pid = try #require(try host.forwarder())
            #expect(kill(pid, SIGKILL) == 0)
            #expect(eventually { !isAlive(pid) })
            try host.destroyLeavingNothing(since: clean, "after destroy")
            #expect(try host.attempt("ls -d /run/reconcile/default/forwarder").code != 0)
        }
    }

    @Test func aStrayProcessInItsGroupIsEndedAndTheForwarderIsNot() throws {
        try withHost { host in
            try host.write(site(host, web: "['8080:80']"))
            try host.apply()
            let pid = try #require(try host.forwarder())
            let stray = try host.start("sleep 600")
            for group in host.cgroups where group.hasSuffix("/forwarder") {
                try host.sh("echo \(stray.pid) > \(group)/cgroup.procs")
            }
            try host.apply()
            let isGone = eventually { !stray.isRunning }
            #expect(isGone)
            #expect(try host.forwarder() == pid)
        }
    }

    /// Nobody is told that it was stopped. A new manifest gives it work, which wakes it: that is told as what it is.
    @Test func whatANewManifestMendsIsTold() throws {
        try withHost { host in
            try host.write(site(host, web: "['8080:80']"))
            let agent = try host.startAgent()
            try host.awaitHTTP("[::1]:8080")
            let pid = try #require(try host.forwarder())
            let before = agent.events.count
            #expect(kill(pid, SIGSTOP) == 0)
            try host.write(site(host, web: "['8080:80', '8081:80']"))
            try agent.awaitEvent("the new port", after: before) { $0["object"]?.string == "forward [::1]:8081/tcp" }
            try agent.awaitEvent("the drift", after: before) { $0.isRepair(of: "forwarder [::1]", "state") }
            #expect(try host.forwarder() == pid)
            try host.awaitHTTP("[::1]:8081")
            try agent.stop()
        }
    }

    @Test func whoHoldsThePortIsNamed() throws {
        try withHost { host in
            let holder = try host.start("socat TCP6-LISTEN:8080,bind=[::1],fork PIPE")
            let listens = try eventually { try host.sh("ss -Hltn 'sport = :8080'").contains("[::1]") }
            #expect(listens)
            try host.write(site(host, web: "['8080:80']"))
            let plan = try host.plan()
            let isNamed = plan.diagnostics.contains { $0.contains("8080/tcp is held by socat (pid \(holder.pid))") }
            #expect(isNamed, "\(plan)")
            #expect(try host.reconcile("apply", host.manifests).code == 1)
            holder.stop()
            try host.apply()
            try host.awaitHTTP("[::1]:8080")
        }
    }

    @Test func anotherBinaryChangesNothing() throws {
        try withHost { host in
            try host.write(site(host, web: "['8080:80']"))
            try host.apply()
            let pid = try host.forwarder()
            try host.sh("cp \(host.binary) \(host.directory)/newer")
            let second = try host.sh("\(host.directory)/newer apply --data-dir \(host.data) \(host.manifests)")
            #expect(second.hasPrefix("No changes."), "\(second)")
            #expect(try host.forwarder() == pid)
        }
    }

    /// Where the host itself has no ::1 there is nothing to serve, and that is no fault.
    @Test func withoutALoopbackAddressThereIsNoForwarder() throws {
        try withHost { host in
            try host.sh("echo 1 > /proc/sys/net/ipv6/conf/lo/disable_ipv6")
            try host.write(site(host, web: "['8080:80']"))
            try host.apply()
            try host.expectConverged()
            #expect(try host.forwarder() == nil)
            try host.sh("echo 0 > /proc/sys/net/ipv6/conf/lo/disable_ipv6")
            try host.apply()
            try host.awaitHTTP("[::1]:8080")
        }
    }
}
