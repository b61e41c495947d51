import Model
import Testing

/// What once took several rounds, or never converged.
@Suite(.serialized, .kernel) struct OneRoundTests {
    private let pause = ["sleep", "600"]

    /// Applies; fails where an operation fails or it takes more than one round.
    private func applyInOneRound(_ host: TestHost) throws {
        let lines = try host.apply("-o", "json").output.lines.map { try JSONValue(parsing: Array($0.utf8)) }
        let summary = try #require(lines.last { $0["type"]?.string == "summary" })
        #expect(summary["rounds"]?.int == 1, "\(summary.text())")
        let failed = lines.filter { $0["type"]?.string == "operation" && $0["status"]?.string != "done" }
        #expect(failed.isEmpty, "\(failed.map { $0.text() })")
    }

    /// nftables lists 6, 17 and 132 as a protocol's number and as a port's.
    @Test func portsThatAreProtocolsNumbers() throws {
        try withHost { host in
            try host.write(
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]")
                    + host.container("web", "networks: [front]", "ports: ['6:80', '127.0.0.1:17:80', '132:80/udp']"))
            try applyInOneRound(host)
            try host.expectConverged()
            try host.awaitHTTP("127.0.0.1:6")
            try host.awaitHTTP("127.0.0.1:17")
        }
    }

    /// With an MTU below 1280 the kernel takes IPv6 off a link with its settings, and takes none for it.
    @Test func anMTUThatIsTooSmallForIPv6() throws {
        try withHost { host in
            func write(_ mtu: Int) throws {
                try host.write(
                    Manifest.network("four", "mtu: \(mtu)", "subnets: [{ subnet: 10.20.0.0/24 }]"),
                    host.container("web", "networks: [four]"))
            }
            for mtu in [1000, 1400, 1279, 1280] {
                try write(mtu)
                let changes = try host.plan().changes
                if mtu != 1000 { #expect(changes.count == 3 && changes.allSatisfy { $0.fields == ["mtu"] }) }
                try applyInOneRound(host)
                try host.expectConverged()
                try host.awaitHTTP("\(try host.address("web")):80")
                #expect(try host.sh("ip -o link show br-four").contains("mtu \(mtu) "))
            }
            #expect(try host.sh("ip -d link show br-four").contains("addrgenmode none"))
        }
    }

    /// Somebody takes IPv6 away from both ends by an MTU: with that it comes back as it was.
    @Test func ipv6ThatComesBackWithTheMTU() throws {
        try withHost { host in
            try host.write(Manifest.network("front", dual(20)), host.container("web", "networks: [front]"))
            try host.apply()
            let address = try host.address("web", "ipv6")
            try host.awaitHTTP("[\(address)]:80")
            let pid = try host.pid("web")
            try host.sh("ip link set br-front mtu 1000")
            try host.sh("ip link set eth0 mtu 1000", in: .sandbox("web"))
            #expect(try host.http("[\(address)]:80").code != 0)
            let plan = try host.plan()
            #expect(plan.drifted("link br-front") == ["mtu"] && plan.drifted("link eth0 in web") == ["mtu"], "\(plan)")
            #expect(plan.changes.allSatisfy { $0.cause == "drift" }, "\(plan)")
            try applyInOneRound(host)
            try host.expectConverged()
            try host.awaitHTTP("[\(address)]:80")
            #expect(try host.pid("web") == pid)
        }
    }

    /// The kernel keeps a link's routes as long as it has any address of the family.
    @Test func aRouteThatOutlivedItsAddress() throws {
        try withHost { host in
            try host.write(
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]")
                    + host.container("web", command: pause, "networks: [{ name: front, ipv4: 10.20.0.10 }]"))
            try host.apply()
            try host.sh(
                "ip address add 10.99.0.1/24 dev eth0; ip address del 10.20.0.10/24 dev eth0", in: .sandbox("web"))
            #expect(try host.sh("ip route show default", in: .sandbox("web")).contains("10.20.0.1"))
            try applyInOneRound(host)
            try host.expectConverged()
            #expect(try host.sh("ip route show default", in: .sandbox("web")).contains("10.20.0.1"))
        }
    }

    /// The bridge of an isolated network has no address that would tell its subnet, and what is remembered may be lost.
    @Test func aChosenSubnetIsSeenInTheFirewall() throws {
        try withHost { host in
            let isolated =
                Manifest.network("back", "internal: true", "ipv6: true", "bridge: { gatewayMode: isolated }")
                + host.container("web", command: pause, "networks: [back]")
            try host.write(Manifest.network("aside") + isolated)
            try host.apply()
            let address = try host.address("web")
            // Its subnet was the second that was free. Now the first is.
            try host.write(isolated)
            try host.apply()
            try host.sh("rm \(host.data)/memory/addresses-default.json")
            try host.expectConverged()
            #expect(try host.address("web") == address)
        }
    }
}
