import Testing

/// What not every kernel has. Where this one has it, packets show that it works; where not, that it is said before
/// anything is changed.
@Suite(.serialized, .kernel) struct VLANAndIpvlanTests {
    @Test(arguments: ["l2", "l3", "l3s"]) func ipvlanInEachMode(_ mode: String) throws {
        try withHost { host in
            let lan = try host.lan()
            try host.write(
                Manifest.network(
                    "lan", driver: "ipvlan", lan.subnets, "ipvlan: { parent: \(lan.parent), mode: \(mode) }"),
                host.container("web", "networks: [{ name: lan, ipv4: 10.99.9.10, ipv6: 'fd99:9::10' }]"),
                host.container("near", command: ["sleep", "600"], "networks: [{ name: lan, ipv4: 10.99.9.11 }]"))
            guard try host.kernelHas("ipvlan") else {
                return try expectRefused(
                    host, "error kernel-cannot: this kernel has no links of kind ipvlan", "CONFIG_IPVLAN")
            }
            let clean = try host.kernelSnapshot()
            let plan = try host.plan()
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            if mode != "l2" {
                // Nobody answers for an address in these modes: the neighbour is told where they are.
                let mac = try host.mac(of: lan.parent)
                try host.sh(
                    "ip neigh replace 10.99.9.10 lladdr \(mac) dev eth0; ip -6 neigh replace fd99:9::10 lladdr \(mac) dev eth0",
                    in: lan.neighbour.place)
            }
            #expect(try host.awaitPing(lan.outside, from: .sandbox("web")))
            #expect(try host.awaitPing(lan.outside6, from: .sandbox("web")))
            #expect(try host.awaitPing("10.99.9.11", from: .sandbox("web")))
            #expect(try host.awaitPing("10.99.9.10", from: lan.neighbour.place))
            #expect(try !host.pings("10.99.9.10"), "from the host")
            let pid = try host.pid("web")
            for spoil in ["ip link set eth0 mtu 1400", "ip link del eth0", "ip route del default"] {
                try host.sh(spoil, in: .sandbox("web"))
                let plan = try host.plan()
                #expect(!plan.drift.isEmpty && plan.changes.allSatisfy { $0.cause != "manifest" }, "\(spoil): \(plan)")
                try host.apply()
                try host.expectConverged()
                #expect(try host.awaitPing(lan.outside, from: .sandbox("web")), "\(spoil)")
            }
            #expect(try host.pid("web") == pid)
            try host.destroyLeavingNothing(since: clean, mode)
        }
    }

    @Test func aVLANIsMadeAndGoesWithItsLastNetwork() throws {
        try withHost { host in
            let lan = try host.lan()
            func site(_ networks: [(name: String, number: Int)]) -> String {
                networks.map { network in
                    Manifest.network(
                        network.name, driver: "macvlan", "subnets: [{ subnet: 10.97.\(network.number).0/24 }]",
                        "macvlan: { parent: \(lan.parent).10 }")
                        + host.container(
                            "in-\(network.name)", command: ["sleep", "600"],
                            "networks: [{ name: \(network.name), ipv4: 10.97.\(network.number).10 }]")
                }.joined()
            }
            try host.write(site([("one", 1), ("two", 2)]))
            guard try host.kernelHas("vlan") else {
                return try expectRefused(
                    host, "error kernel-cannot: this kernel has no links of kind vlan", "CONFIG_VLAN_8021Q")
            }
            let clean = try host.kernelSnapshot()
            try host.sh(
                """
                ip link add link eth0 name eth0.10 type vlan id 10; ip link set eth0.10 up
                ip addr add 10.97.1.2/24 dev eth0.10; ip addr add 10.97.2.2/24 dev eth0.10
                """, in: lan.neighbour.place)
            let plan = try host.plan()
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            #expect(try host.awaitPing("10.97.1.2", from: .sandbox("in-one")))
            #expect(try host.awaitPing("10.97.2.2", from: .sandbox("in-two")))
            for spoil in ["ip link set up9.10 down", "ip link set up9.10 mtu 1400", "ip link del up9.10"] {
                try host.sh(spoil)
                #expect(try !host.plan().drift.isEmpty, "\(spoil)")
                try host.apply()
                try host.expectConverged()
                #expect(try host.awaitPing("10.97.1.2", from: .sandbox("in-one")), "\(spoil)")
            }
            try host.write(site([("two", 2)]))
            try host.apply()
            #expect(try host.attempt("ip link show up9.10").isSuccess)
            #expect(try host.awaitPing("10.97.2.2", from: .sandbox("in-two")))
            try host.write(host.container("other", command: ["sleep", "600"], "networks: [none]"))
            try host.apply("--allow-mass-delete")
            #expect(try !host.attempt("ip link show up9.10").isSuccess)
            // One of somebody else's is used and left.
            try host.sh("ip link add link up9 name up9.10 type vlan id 10; ip link set up9.10 up")
            try host.write(site([("one", 1)]))
            try host.apply("--allow-mass-delete")
            try host.expectConverged()
            #expect(try host.awaitPing("10.97.1.2", from: .sandbox("in-one")))
            #expect(try host.reconcile("destroy", "--yes").code == 0)
            #expect(try host.attempt("ip link show up9.10").isSuccess)
            try host.sh("ip link del up9.10")
            try host.destroyLeavingNothing(since: clean, "vlan")
        }
    }

    /// The error is in the dry run, names the kernel's option, and neither it nor an apply changes anything.
    private func expectRefused(_ host: TestHost, _ words: String, _ option: String) throws {
        let before = try host.kernelSnapshot()
        let plan = try host.plan()
        #expect(plan.changes.isEmpty && plan.diagnostics.contains { $0.hasPrefix(words) }, "\(plan)")
        let heard = try Monitor(host, sandboxes: []).hears {
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 1 && (result.output + result.errors).contains(option), "\(result)")
        }
        #expect(heard.isEmpty, "\(heard)")
        #expect(before.difference(to: try host.kernelSnapshot()) == "")
    }
}
