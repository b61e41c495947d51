import Testing

/// Containers on a segment of the host's, by macvlan: what is to flow flows, what is not to does not.
@Suite(.serialized, .kernel) struct MacvlanTests {
    private func site(_ host: TestHost, _ lan: LAN, _ mode: String, _ more: String...) -> String {
        ([
            Manifest.network(
                "lan", driver: "macvlan", lan.subnets, "macvlan: { parent: \(lan.parent), mode: \(mode) }"),
            host.container("web", "networks: [{ name: lan, ipv4: 10.99.9.10, ipv6: 'fd99:9::10' }]"),
        ] + more).joined()
    }

    private func near(_ host: TestHost) -> String {
        host.container(
            "near", command: ["sleep", "600"], "networks: [{ name: lan, ipv4: 10.99.9.11, ipv6: 'fd99:9::11' }]")
    }

    @Test(arguments: ["bridge", "private", "vepa"]) func packetsInEachMode(_ mode: String) throws {
        try withHost { host in
            let lan = try host.lan()
            let clean = try host.kernelSnapshot()
            try host.write(site(host, lan, mode, near(host)))
            let plan = try host.plan()
            #expect(plan.diagnostics.isEmpty, "\(plan)")
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            let web = TestHost.Place.sandbox("web")
            for (own, neighbour, outside, other) in [
                ("10.99.9.10", lan.neighbour.ipv4, lan.outside, "10.99.9.11"),
                ("fd99:9::10", lan.neighbour.ipv6, lan.outside6, "fd99:9::11"),
            ] {
                #expect(try host.awaitPing(neighbour, from: web), "\(mode): the neighbour")
                #expect(try host.awaitPing(outside, from: web), "\(mode): past the neighbour")
                #expect(try host.awaitPing(own, from: lan.neighbour.place), "\(mode): from the neighbour")
                // A switch that sends nothing back, as here, joins nobody in the mode vepa.
                #expect(
                    try mode == "bridge" ? host.awaitPing(other, from: web) : !host.pings(other, from: web),
                    "\(mode): each other")
            }
            // The host itself is the one that cannot be reached over its own link.
            #expect(try !host.pings(lan.neighbour.hostIPv4, from: web), "\(mode): the host")
            #expect(try !host.pings("10.99.9.10"), "\(mode): from the host")
            try host.awaitHTTP("10.99.9.10:80", from: lan.neighbour.place)
            #expect(try host.client(of: "[fd99:9::10]:80", from: lan.neighbour.place) == lan.neighbour.ipv6)
            // A MAC of its own on the wire.
            let seen = try host.sh("ip neigh show 10.99.9.10", in: lan.neighbour.place)
            #expect(seen.contains("02:42:0a:63:09:0a"), "\(seen)")
            try host.destroyLeavingNothing(since: clean, mode)
        }
    }

    /// The host itself is on the segment.
    @Test func theHostsOwnAddressIsNobodyElses() throws {
        try withHost { host in
            let lan = try host.lan()
            let subnets =
                "subnets: [{ subnet: 10.99.9.0/24, gateway: \(lan.neighbour.ipv4), range: 10.99.9.0/30 }]"
            func write(_ address: String) throws {
                try host.write(
                    Manifest.network("lan", driver: "macvlan", subnets, "macvlan: { parent: \(lan.parent) }"),
                    host.container("chosen", "networks: [lan]"),
                    host.container("asked", "networks: [{ name: lan, ipv4: \(address) }]"))
            }
            try write(lan.neighbour.hostIPv4)
            let plan = try host.plan()
            #expect(
                plan.diagnostics
                    == ["error address-in-use: \(lan.neighbour.hostIPv4) is the host's own address, on \(lan.parent)"])
            #expect(try host.reconcile("apply", host.manifests).code == 1)
            // Of four there are the network's, the host's and the gateway's.
            #expect(try host.address("chosen") == "10.99.9.3")
            #expect(throws: (any Error).self) { try host.pid("asked") }
            try write("10.99.9.20")
            try host.apply()
            try host.expectConverged()
            try host.awaitHTTP("10.99.9.20:80", from: lan.neighbour.place)
            // The host takes it later: what runs is left as it is, with a word.
            try host.sh("ip address add 10.99.9.20/24 dev \(lan.parent)")
            let late = try host.plan()
            #expect(late.changes.isEmpty)
            #expect(late.diagnostics.contains { $0.hasPrefix("warning address-in-use: 10.99.9.20") }, "\(late)")
        }
    }

    @Test func aSecondApplyIsSilent() throws {
        try withHost { host in
            let lan = try host.lan()
            try host.write(site(host, lan, "bridge", near(host)))
            try host.apply()
            let heard = try Monitor(host, sandboxes: ["web", "near"]).hears { try host.apply() }
            #expect(heard.isEmpty, "\(heard.joined(separator: "\n"))")
        }
    }

    /// A dry run asks the kernel what it can, and leaves no trace of it on the host.
    @Test func aDryRunWritesNothing() throws {
        try withHost { host in
            let lan = try host.lan()
            try host.write(site(host, lan, "bridge"))
            let before = try host.fullSnapshot(of: [.host])
            let heard = try Monitor(host, sandboxes: []).hears { _ = try host.plan() }
            #expect(heard.isEmpty, "\(heard.joined(separator: "\n"))")
            #expect(before.difference(to: try host.fullSnapshot(of: [.host])) == "")
        }
    }

    @Test func passthruHasTheParentsAddress() throws {
        try withHost { host in
            let lan = try host.lan()
            let clean = try host.kernelSnapshot()
            let mac = try host.mac(of: lan.parent)
            try host.write(site(host, lan, "passthru"))
            let plan = try host.plan()
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            #expect(try host.awaitPing(lan.neighbour.ipv4, from: .sandbox("web")))
            #expect(try host.awaitPing(lan.neighbour.ipv6, from: .sandbox("web")))
            let endpoint = try host.inspect("container/web")["endpoints"]?.array?.first
            #expect(endpoint?["mac"]?.string == mac)
            // Its place goes to another container in one pass.
            try host.write(
                Manifest.network(
                    "lan", driver: "macvlan", lan.subnets, "macvlan: { parent: \(lan.parent), mode: passthru }"),
                host.container("other", command: ["sleep", "600"], "networks: [lan]"))
            try host.apply("--allow-mass-delete")
            try host.expectConverged()
            #expect(try host.awaitPing(lan.neighbour.ipv4, from: .sandbox("other")))
            try host.destroyLeavingNothing(since: clean, "passthru")
        }
    }

    @Test func withoutAParentTheyHaveEachOtherAlone() throws {
        try withHost { host in
            let lan = try host.lan()
            let clean = try host.kernelSnapshot()
            try host.write(
                Manifest.network("lan", driver: "macvlan", lan.subnets), host.container("web", "networks: [lan]"),
                near(host))
            let plan = try host.plan()
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            #expect(try host.awaitPing("10.99.9.11", from: .sandbox("web")))
            #expect(try host.awaitPing("fd99:9::11", from: .sandbox("web")))
            for address in [lan.neighbour.ipv4, lan.neighbour.hostIPv4, lan.outside] {
                #expect(try !host.pings(address, from: .sandbox("web")), "\(address)")
            }
            #expect(try !host.pings("10.99.9.11"))
            #expect(try host.inspect("network/lan")["internal"]?.bool == true)
            // Whatever takes the carrier of what they sit on is found: here a port that came and went.
            let pids = try ["web", "near"].map { try host.pid($0) }
            for spoil in [
                "ip link add t1 type veth peer name t2; ip link set t1 master mv-lan up; ip link set t2 up; ip link del t1",
                "ip link set mv-lan address 02:00:00:00:00:99", "ip link del mv-lan", "ip link set mv-lan down",
                "ip link set mv-lan mtu 1400", "ip link set mv-lan alias nobodys",
            ] {
                try host.sh(spoil)
                let plan = try host.plan()
                #expect(!plan.drift.isEmpty && plan.changes.allSatisfy { $0.cause != "manifest" }, "\(spoil): \(plan)")
                try host.apply()
                try host.expectConverged()
                #expect(try host.awaitPing("10.99.9.11", from: .sandbox("web")), "\(spoil)")
            }
            #expect(try ["web", "near"].map { try host.pid($0) } == pids)
            try host.destroyLeavingNothing(since: clean, "no parent")
        }
    }

    @Test func twoNetworksOnOneParent() throws {
        try withHost { host in
            let lan = try host.lan()
            try host.write(
                site(host, lan, "bridge"),
                Manifest.network(
                    "second", driver: "macvlan", "subnets: [{ subnet: 10.98.0.0/24 }]", "internal: true",
                    "macvlan: { parent: \(lan.parent) }"),
                host.container("far", command: ["sleep", "600"], "networks: [second]"))
            try host.sh("ip addr add 10.98.0.250/24 dev eth0", in: lan.neighbour.place)
            try host.apply()
            try host.expectConverged()
            #expect(try host.awaitPing("10.98.0.250", from: .sandbox("far")), "the segment is there")
            #expect(try !host.pings(lan.outside, from: .sandbox("far")), "and no way beyond it")
            #expect(try host.awaitPing(lan.outside, from: .sandbox("web")))
            // What one container gives up another has at once, the MAC included.
            try host.write(
                Manifest.network("lan", driver: "macvlan", lan.subnets, "macvlan: { parent: \(lan.parent) }"),
                host.container("heir", "networks: [{ name: lan, ipv4: 10.99.9.10, ipv6: 'fd99:9::10' }]"))
            try host.apply("--allow-mass-delete")
            try host.expectConverged()
            #expect(try host.awaitPing("10.99.9.10", from: lan.neighbour.place))
        }
    }

    @Test func portsAreNotPublishedAndSaidSo() throws {
        try withHost { host in
            let lan = try host.lan()
            try host.write(
                Manifest.network("lan", driver: "macvlan", lan.subnets, "macvlan: { parent: \(lan.parent) }"),
                host.container("web", "networks: [lan]", "ports: ['8080:80']"))
            let plan = try host.plan()
            #expect(plan.diagnostics.count == 1 && plan.diagnostics[0].hasPrefix("warning ports-not-published"))
            try host.apply()
            let address = try host.address("web")
            try host.awaitHTTP("\(address):80", from: lan.neighbour.place)
            let page = try host.http("\(lan.neighbour.hostIPv4):8080", from: lan.neighbour.place, patience: 10)
            #expect(page.isRefused)
            #expect(try host.inspect("container/web")["ports"]?.array?.isEmpty == true)
        }
    }

    @Test func modesAndMTUAndParentChange() throws {
        try withHost { host in
            let lan = try host.lan()
            try host.write(site(host, lan, "bridge", near(host)))
            try host.apply()
            let pids = try ["web", "near"].map { try host.pid($0) }
            #expect(try host.awaitPing("10.99.9.11", from: .sandbox("web")))
            try host.write(site(host, lan, "private", near(host)))
            try host.apply()
            try host.expectConverged()
            #expect(try !host.pings("10.99.9.11", from: .sandbox("web")))
            #expect(try host.awaitPing(lan.outside, from: .sandbox("web")))
            // The MTU is the parent's, and follows it.
            try host.sh("ip link set \(lan.parent) mtu 1400")
            try host.apply()
            try host.expectConverged()
            #expect(try host.sh("ip link show eth0", in: .sandbox("web")).contains("mtu 1400 "))
            try host.sh("ip link set \(lan.parent) mtu 1500")
            try host.apply()
            #expect(try host.sh("ip link show eth0", in: .sandbox("web")).contains("mtu 1500 "))
            // Another segment.
            let other = try host.connect("other", number: 8)
            try host.write(
                Manifest.network(
                    "lan", driver: "macvlan", "subnets: [{ subnet: 10.99.8.0/24 }]", "macvlan: { parent: up8 }"),
                host.container("web", "networks: [lan]"),
                host.container("near", command: ["sleep", "600"], "networks: [lan]"))
            try host.apply()
            try host.expectConverged()
            #expect(try host.awaitPing(other.ipv4, from: .sandbox("web")))
            #expect(try !host.pings(lan.neighbour.ipv4, from: .sandbox("web")))
            #expect(try ["web", "near"].map { try host.pid($0) } == pids, "restarted")
        }
    }

    @Test func exportedItPlansToNoChanges() throws {
        try withHost { host in
            let lan = try host.lan()
            try host.write(
                site(host, lan, "private", near(host)), Manifest.network("lab", driver: "macvlan", "ipv6: true"),
                host.container("in-lab", command: ["sleep", "600"], "networks: [lab]"),
                host.container("guest", command: ["sleep", "600"], "networks: ['container:web']"))
            try host.apply()
            try host.sh("rm -rf \(host.data)/memory")
            let result = try host.reconcile("export")
            #expect(result.code == 0 && result.errors.isEmpty, "\(result)")
            #expect(result.output.contains("mode: private") && result.output.contains("container:web"))
            try Files.write(result.output, to: host.directory + "/export/x.yaml")
            let plan = try host.reconcile("apply", "--dry-run", host.directory + "/export")
            #expect(plan.code == 0, "\(plan)\n\(result.output)")
        }
    }

    @Test(arguments: ["ghost", "lo0", "port"]) func whatCannotBeIsSaidBeforeAnythingIsChanged(_ parent: String) throws {
        try withHost { host in
            let lan = try host.lan()
            if parent == "port" {
                try host.sh(
                    "ip link add br9 type bridge; ip link add port type veth peer name porz; ip link set port master br9"
                )
            } else if parent == "lo0" {
                try host.sh("ip tuntap add lo0 mode tun")
            }
            let before = try host.kernelSnapshot()
            try host.write(
                Manifest.network("lan", driver: "macvlan", lan.subnets, "macvlan: { parent: \(parent) }"),
                host.container("web", "networks: [lan]"))
            let plan = try host.plan()
            #expect(plan.changes.isEmpty && plan.diagnostics.contains { $0.hasPrefix("error parent-") }, "\(plan)")
            #expect(try host.reconcile("apply", host.manifests).code == 1)
            #expect(before.difference(to: try host.kernelSnapshot()) == "")
        }
    }
}
