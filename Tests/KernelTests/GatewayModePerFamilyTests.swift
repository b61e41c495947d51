import Testing

/// `bridge.gatewayMode` for each family by itself.
@Suite(.serialized, .kernel) struct GatewayModePerFamilyTests {
    @Test(arguments: [true, false]) func natForOneAndRoutedForTheOther(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let peer = try host.connect("router", number: 1, usesAsRouter: true)
            try host.serveDatagrams(port: 7, name: "outside", in: peer.place)
            func site(_ mode: String) -> String {
                Manifest.network("front", dual(20), "bridge: { gatewayMode: \(mode) }")
                    + host.container("web", "networks: [front]", "ports: ['8080:80']")
            }
            try host.write(site("{ ipv4: nat, ipv6: routed }"))
            try host.apply()
            try host.expectConverged()
            let (ipv4, ipv6) = (try host.address("web"), try host.address("web", "ipv6"))
            try host.awaitHTTP("\(ipv4):80")
            // IPv4: by the host's port and with the host's address, not by the container's.
            #expect(try host.client(of: "\(peer.hostIPv4):8080", from: peer.place) == peer.ipv4)
            #expect(try host.http("\(ipv4):80", from: peer.place).isUnreachable)
            #expect(try host.datagram(peer.ipv4, port: 7, from: .sandbox("web")) == "outside sees \(peer.hostIPv4)")
            // IPv6: the other way round.
            #expect(try host.client(of: "[\(ipv6)]:80", from: peer.place) == peer.ipv6)
            #expect(try host.http("[\(peer.hostIPv6)]:8080", from: peer.place).code != 0)
            #expect(try host.datagram(peer.ipv6, port: 7, from: .sandbox("web")) == "outside sees \(ipv6)")

            // And exchanged, in place.
            let pid = try host.pid("web")
            try host.write(site("{ ipv4: routed, ipv6: nat }"))
            let plan = try host.plan()
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            #expect(try host.client(of: "\(ipv4):80", from: peer.place) == peer.ipv4)
            #expect(try host.http("[\(ipv6)]:80", from: peer.place).isUnreachable)
            #expect(try host.client(of: "[\(peer.hostIPv6)]:8080", from: peer.place) == peer.ipv6)
            #expect(try host.datagram(peer.ipv6, port: 7, from: .sandbox("web")) == "outside sees \(peer.hostIPv6)")
            #expect(try host.pid("web") == pid)
            #expect(try host.inspect("network/front")["options"]?["gatewayMode"]?["ipv4"] == "routed")

            let exported = try host.reconcile("export")
            try Files.write(exported.output, to: host.directory + "/export/all.yaml")
            let again = try host.reconcile("apply", "--dry-run", host.directory + "/export")
            #expect(again.output.hasPrefix("No changes."), "\(again)\n\(exported.output)")
        }
    }

    @Test func isolatedInOneFamily() throws {
        try withHost { host in
            let clean = try host.kernelSnapshot()
            try host.write(
                Manifest.network(
                    "inner", dual(20), "internal: true", "bridge: { gatewayMode: { ipv4: isolated, ipv6: nat } }"),
                host.container("web", "networks: [inner]"),
                host.container("near", command: ["sleep", "600"], "networks: [inner]"))
            try host.apply()
            try host.expectConverged()
            let (ipv4, ipv6) = (try host.address("web"), try host.address("web", "ipv6"))
            try host.awaitHTTP("\(ipv4):80", from: .sandbox("near"))
            #expect(try host.http("[\(ipv6)]:80", patience: 10).code == 0, "the host has an IPv6 address there")
            #expect(try host.http("\(ipv4):80").code != 0, "and no IPv4 address")
            #expect(try host.sh("ip -4 -o address show dev br-inner; true") == "")
            try host.destroyLeavingNothing(since: clean, "one family isolated")
        }
    }
}
