import Testing

/// Overlay networks on a host without a fleet: one node's networks.
@Suite(.serialized, .kernel) struct OverlayAloneTests {
    @Test(arguments: [true, false]) func itWorksAsABridge(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let outside = try host.connect("client", number: 8)
            let clean = try host.restingSnapshot()
            try host.write(
                Manifest.network("over", driver: "overlay", "ipv6: true"),
                host.container("a", "networks: [over]", "ports: ['8080:80']"),
                host.container("b", "networks: [over]"))
            try host.apply()
            try host.expectConverged()
            try host.awaitHTTP("127.0.0.1:8080")
            let isSeen = try eventually {
                try host.client(of: "\(outside.hostIPv4):8080", from: outside.place) == outside.ipv4
            }
            #expect(isSeen)
            #expect(try host.sh("ip -d link show vx-over").contains("nolearning proxy"))
            let exported = try host.reconcile("export")
            #expect(exported.isSuccess && exported.text.contains("driver: overlay"), "\(exported)")
            let network = try host.inspect("network/over")
            #expect(network["driver"]?.string == "overlay" && network["options"]?["vni"]?.int != nil)
            try host.sh("ip link del vx-over")
            #expect(try host.applyOperations() == ["create link vx-over"])
            try host.destroyLeavingNothing(since: clean, "alone")
        }
    }

    /// The agent hears of an entry that somebody adds, and takes it away; of its own it makes nothing.
    @Test func theAgentRepairsEntries() throws {
        try withHost { host in
            try host.write(
                Manifest.network("over", driver: "overlay"), host.container("a", "networks: [over]"))
            let agent = try host.startAgent()
            let count = agent.events.count
            try host.sh("bridge fdb append 00:00:00:00:00:00 dev vx-over dst 192.0.2.9 self permanent")
            try agent.awaitEvent("the entry's end", after: count) {
                $0["object"]?.string?.hasPrefix("forwarding 00:00:00:00:00:00") ?? false
            }
            #expect(try eventually { try !host.sh("bridge fdb show dev vx-over").contains("192.0.2.9") })
            try host.sh("ip neigh add 10.9.9.9 lladdr 02:00:00:00:00:09 dev vx-over nud permanent protocol 82")
            #expect(try eventually { try !host.sh("ip neigh show dev vx-over").contains("10.9.9.9") })
            // Neighbours of others are theirs.
            try host.sh("ip neigh add 10.9.9.8 lladdr 02:00:00:00:00:09 dev vx-over nud permanent")
            _ = try eventually(within: .seconds(1)) { try !host.sh("ip neigh show dev vx-over").contains("10.9.9.8") }
            #expect(try host.sh("ip neigh show dev vx-over").contains("10.9.9.8"))
            try agent.stop()
        }
    }

    @Test func encryptionIsRefusedBeforeAnyChange() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            try host.write(
                Manifest.network("over", driver: "overlay", "overlay: { encrypted: true }"),
                host.container("a", "networks: [over]"))
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 1 && (result.text + result.errors).contains("site.yaml:7:25: error"), "\(result)")
            #expect(try clean.difference(to: host.kernelSnapshot()) == "")
        }
    }
}
