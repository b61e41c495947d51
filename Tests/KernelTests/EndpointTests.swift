import Model
import Testing

/// Subnets, addresses, hardware addresses, and which way packets leave.
@Suite(.serialized, .kernel) struct EndpointTests {
    private let pause = ["sleep", "600"]

    @Test func chosenSubnetsAvoidTheHostsRoutes() throws {
        try withHost { host in
            _ = try host.connect("client", number: 1)
            // What would be chosen first, and second, is taken.
            try host.sh("ip address add 172.17.5.1/24 dev up1; ip route add 172.18.0.0/15 via 10.99.1.2")
            try host.write(
                Manifest.network("one"), Manifest.network("two", "ipv6: true"),
                host.container("a", command: pause, "networks: [one, two]"))
            try host.apply()
            try host.expectConverged()
            var subnets: [IPPrefix] = []
            for name in ["one", "two"] {
                for subnet in try host.inspect("network/\(name)")["subnets"]?.array ?? [] {
                    subnets.append(try #require(subnet["subnet"]?.string.flatMap { IPPrefix($0) }))
                }
            }
            #expect(subnets.count == 3)
            let taken = ["172.17.5.0/24", "172.18.0.0/15", "10.99.1.0/24"].compactMap { IPPrefix($0) } + subnets
            for (index, subnet) in subnets.enumerated() {
                for (other, prefix) in taken.enumerated() where other != index + 3 {
                    #expect(!subnet.overlaps(prefix), "\(subnet) \(prefix)")
                }
            }
            let ipv6 = try host.address("a", "ipv6", network: "two")
            #expect(ipv6.hasPrefix("fd"))
            #expect(
                try eventually {
                    try host.sh("busybox ping -6 -c 1 -W 1 \(ipv6) >/dev/null && echo yes; true") == "yes"
                })
        }
    }

    @Test func addressesAndMACsThatWereAskedFor() throws {
        try withHost { host in
            try host.write(
                Manifest.network(
                    "front",
                    "subnets: [{ subnet: 10.20.0.0/24, gateway: 10.20.0.7, range: 10.20.0.128/25 }, { subnet: 'fd00:20::/64' }]"
                ),
                host.container(
                    "web",
                    "networks: [{ name: front, ipv4: 10.20.0.10, ipv6: 'fd00:20::a', mac: '02:42:00:00:12:34', interface: lan0 }]"
                ),
                host.container("other", command: pause, "networks: [front]"))
            try host.apply()
            try host.expectConverged()
            let link = try host.sh(
                "ip -o link show dev lan0; ip -o address show dev lan0; ip route", in: .sandbox("web"))
            for text in ["02:42:00:00:12:34", "10.20.0.10/24", "fd00:20::a/64", "default via 10.20.0.7 dev lan0"] {
                #expect(link.contains(text), "\(text)\n\(link)")
            }
            let other = try #require(IPAddress(try host.address("other")))
            #expect(IPPrefix("10.20.0.128/25")?.contains(other) == true)
            try host.awaitHTTP("10.20.0.10:80", from: .sandbox("other"))
            // Another address: the link is changed, the process stays.
            let pid = try host.pid("web")
            let site = Files.read(host.manifests + "/site.yaml")
            try host.write(site.replacing("10.20.0.10,", with: "10.20.0.11,"))
            let plan = try host.plan()
            let operations = try host.applyOperations()
            #expect(operations == plan.operations)
            try host.expectConverged()
            #expect(try host.pid("web") == pid)
            try host.awaitHTTP("10.20.0.11:80", from: .sandbox("other"))
            #expect(try host.http("10.20.0.10:80", from: .sandbox("other")).isUnreachable)
        }
    }

    @Test func theDefaultRouteFollowsGatewayPriority() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            func site(_ first: Int, _ second: Int) -> String {
                Manifest.network("one", "subnets: [{ subnet: 10.20.0.0/24 }]")
                    + Manifest.network("two", "subnets: [{ subnet: 10.21.0.0/24 }]")
                    + Manifest.network("inner", "subnets: [{ subnet: 10.22.0.0/24 }]", "internal: true")
                    + host.container(
                        "web", "networks:", "  - { name: one, gatewayPriority: \(first) }",
                        "  - { name: two, gatewayPriority: \(second) }", "  - { name: inner, gatewayPriority: 99 }",
                        "ports: ['8080:80']")
            }
            try host.write(site(0, 5))
            try host.apply()
            try host.expectConverged()
            #expect(try host.sh("ip -o -4 address", in: .sandbox("web")).lines.count == 4)
            #expect(try host.sh("ip route show default", in: .sandbox("web")).contains("via 10.21.0.1"))
            try host.awaitHTTP("127.0.0.1:8080")
            let pid = try host.pid("web")
            try host.write(site(9, 5))
            try host.apply()
            try host.expectConverged()
            let routes = try host.sh("ip route show default", in: .sandbox("web"))
            #expect(routes.lines.count == 1 && routes.contains("via 10.20.0.1"), "\(routes)")
            // The published port goes with it.
            #expect(try host.client(of: "127.0.0.1:8080") == "10.20.0.1")
            #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4)
            #expect(try host.pid("web") == pid)
        }
    }

    /// IPv4 leaves by one network, IPv6 by another: each family by the highest priority among those that have it.
    @Test func eachFamilyHasADefaultRouteOfItsOwn() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            try host.serveDatagrams(port: 7, name: "outside", in: client.place)
            func site(_ four: Int, _ both: Int) -> String {
                Manifest.network("four", "subnets: [{ subnet: 10.20.0.0/24 }]") + Manifest.network("both", dual(21))
                    + host.container(
                        "web", "networks:", "  - { name: four, gatewayPriority: \(four) }",
                        "  - { name: both, gatewayPriority: \(both) }", "ports: ['8080:80']")
            }
            var pid: Int32?
            for (four, both, gateway) in [(5, 0, "10.20.0.1"), (0, 5, "10.21.0.1"), (5, 0, "10.20.0.1")] {
                try host.write(site(four, both))
                try host.apply()
                try host.expectConverged()
                pid = try pid ?? host.pid("web")
                try host.awaitHTTP("127.0.0.1:8080")
                #expect(try host.sh("ip -4 route show default", in: .sandbox("web")).contains("via \(gateway) "))
                #expect(try host.sh("ip -6 route show default", in: .sandbox("web")).contains("via fd00:21::1 "))
                // The published port is where the route is, so answers find their way.
                #expect(try host.client(of: "127.0.0.1:8080") == gateway)
                #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4)
                #expect(try host.client(of: "[\(client.hostIPv6)]:8080", from: client.place) == client.ipv6)
                #expect(
                    try host.datagram(client.ipv4, port: 7, from: .sandbox("web")) == "outside sees \(client.hostIPv4)")
                #expect(
                    try host.datagram(client.ipv6, port: 7, from: .sandbox("web")) == "outside sees \(client.hostIPv6)")
                #expect(try host.pid("web") == pid)
            }
        }
    }

    /// A new host, as after a boot: the memory in the data directory alone tells the addresses.
    @Test func addressesComeBack() throws {
        try withHost { host in
            let names = ["a", "b", "c"]
            func site(_ names: [String]) -> String {
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/29 }]")
                    + names.map { host.container($0, command: pause, "networks: [front]") }.joined()
            }
            // They come one by one, so that later ones have to give way to earlier ones.
            for count in 1...3 {
                try host.write(site(Array(names.reversed().prefix(count))))
                try host.apply()
            }
            let before = try names.map { try host.address($0) }
            #expect(Set(before).count == 3)
            try host.reboot()
            try host.apply()
            try host.expectConverged()
            #expect(try names.map { try host.address($0) } == before)
        }
    }

    @Test func addressesAreTheSameAfterDestroy() throws {
        try withHost { host in
            try host.write(HelloTests.hello(host).joined())
            let names = ["web", "near", "far"]
            func all() throws -> [String] {
                try names.flatMap { [try host.address($0), try host.address($0, "ipv6")] }
            }
            try host.apply()
            let before = try all()
            #expect(try host.reconcile("destroy", "--yes").code == 0)
            try host.apply()
            #expect(try all() == before)
        }
    }

    @Test func aPoolThatIsUsedUpIsAnErrorThatSaysSo() throws {
        try withHost { host in
            try host.write(
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/30 }]"),
                host.container("a", command: pause, "networks: [front]"),
                host.container("b", command: pause, "networks: [front]"))
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 1)
            #expect(
                result.errors.contains(
                    "no address is left on network front: all 4 of 10.20.0.0/30 are taken (1 container, 1 gateway, "
                        + "2 network and broadcast)"), "\(result)")
        }
    }
}
