import Testing

/// `destroy` leaves the host as it was found.
@Suite(.serialized, .kernel) struct DestroyTests {
    @Test func theHostIsAsItWasFound() throws {
        try withHost { host in
            _ = try host.connect("client", number: 1)
            // Values that are not the kernel's own: what was there before is what must be there after.
            try host.sh(
                """
                echo 0 > /proc/sys/net/ipv4/conf/up1/forwarding
                ip route add 10.77.0.0/16 via 10.99.1.2
                nft add table inet theirs
                nft add chain inet theirs input '{ type filter hook input priority 0; }'
                """)
            let clean = try host.kernelSnapshot()
            try host.write(HelloTests.hello(host).joined())
            try host.apply()
            #expect(try host.sh("cat /proc/sys/net/ipv4/conf/up1/forwarding") == "1")
            try host.destroyLeavingNothing(since: clean, "after destroy")
            #expect(try host.sh("find /run/netns /run/reconcile -name '*reconcile*' -type f 2>/dev/null; true") == "")
            let again = try host.reconcile("destroy", "--yes")
            #expect(again.code == 0)
            #expect(again.output.contains("Nothing of set default is here."), "\(again)")
        }
    }

    @Test(arguments: ["0", "1"]) func uplinkForwardingIsRestoredToWhatItWas(_ value: String) throws {
        try withHost { host in
            _ = try host.connect("client", number: 1)
            #expect(try eventually { try host.sh("ip -o link show up1").contains("LOWER_UP") })
            let path = "/proc/sys/net/ipv4/conf/up1/forwarding"
            try host.sh("echo \(value) > \(path); echo \(value) > /proc/sys/net/ipv6/conf/all/forwarding")
            let clean = try host.kernelSnapshot()
            try host.write(HelloTests.hello(host).joined())
            try host.apply()
            #expect(try host.sh("cat \(path)") == "1")
            try host.destroyLeavingNothing(since: clean, "was \(value)")
            #expect(try host.sh("cat \(path)") == value)
        }
    }

    @Test func whatIsNoLongerInTheManifestsIsRemovedAndOnlyThat() throws {
        try withHost { host in
            try host.write(HelloTests.hello(host).joined())
            try host.apply()
            let web = try host.pid("web")
            try host.write(
                HelloTests.hello(host).prefix(1).joined(),
                host.container(
                    "web",
                    "networks: [{ name: front, ipv4: 10.20.0.10 }]", "ports: ['8080:80']"), HelloTests.hello(host)[3])
            try host.apply()
            try host.expectConverged()
            #expect(try host.pid("web") == web)
            #expect(!(try host.sh("ip -o link; nft list ruleset; ls /run/netns").contains("br-back")))
            #expect(!(try host.sh("ls /run/netns").contains("far")))
            // The last port of a network, then the network.
            try host.write(HelloTests.hello(host)[0])
            try host.apply("--allow-mass-delete")
            try host.expectConverged()
            #expect(host.processes.isEmpty)
            #expect(!(try host.sh("nft list ruleset").contains("8080")))
            #expect(try host.sh("cat /proc/sys/net/ipv4/conf/br-front/route_localnet") == "0")
        }
    }
}
