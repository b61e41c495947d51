import Testing

/// Links of the host whose neighbours reach what is not published.
@Suite(.serialized, .kernel) struct TrustedInterfaceTests {
    @Test(arguments: [true, false]) func neighboursThereReachEveryPort(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let friend = try host.connect("friend", number: 1, usesAsRouter: true)
            let other = try host.connect("other", number: 2, usesAsRouter: true)
            let clean = try host.kernelSnapshot()
            func site(_ trusted: String) -> String {
                Manifest.network("front", dual(20), "bridge: { trustedInterfaces: \(trusted) }")
                    + Manifest.network("inner", dual(21), "internal: true", "bridge: { trustedInterfaces: \(trusted) }")
                    + host.container("web", "networks: [front]") + host.container("deep", "networks: [inner]")
            }
            try host.write(site("[up1, wg9]"))
            try host.apply()
            try host.expectConverged()
            let (ipv4, ipv6) = (try host.address("web"), try host.address("web", "ipv6"))
            try host.awaitHTTP("\(ipv4):80")
            try host.awaitHTTP("\(try host.address("deep")):80")
            #expect(try host.client(of: "\(ipv4):80", from: friend.place) == friend.ipv4)
            #expect(try host.client(of: "[\(ipv6)]:80", from: friend.place) == friend.ipv6)
            #expect(try host.awaitPing(ipv4, from: friend.place))
            for server in ["\(ipv4):80", "[\(ipv6)]:80"] {
                #expect(try host.http(server, from: other.place).isUnreachable, "\(server)")
            }
            // Internal stays internal.
            #expect(try host.http("\(try host.address("deep")):80", from: friend.place).isUnreachable)

            // Drift, found and repaired in place.
            let pid = try host.pid("web")
            try host.sh("nft delete element inet reconcile trusted '{ \"up1\" . \"br-front\" }'")
            #expect(try host.plan().drifted("firewall trusted up1 . br-front") == [])
            try host.apply()
            try host.expectConverged()
            #expect(try host.http("\(ipv4):80", from: friend.place, patience: 10).code == 0)

            try host.write(site("[up2]"))
            try host.apply()
            try host.expectConverged()
            #expect(try host.http("\(ipv4):80", from: friend.place).isUnreachable)
            #expect(try host.http("\(ipv4):80", from: other.place, patience: 10).code == 0)
            #expect(try host.pid("web") == pid)
            try host.destroyLeavingNothing(since: clean, "trusted interfaces")
        }
    }
}
