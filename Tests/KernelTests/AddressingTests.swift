import Model
import Testing

/// Where subnets and addresses come from, how small a subnet may be, and who else may have an address.
@Suite(.serialized, .kernel) struct AddressingTests {
    private let pause = ["sleep", "600"]

    private func subnets(_ host: TestHost, _ network: String) throws -> [String] {
        (try host.inspect("network/\(network)")["subnets"]?.array ?? []).compactMap { $0["subnet"]?.string }
    }

    @Test func poolsOfTheHostsOwn() throws {
        try withHost { host in
            _ = try host.connect("client", number: 1)
            try host.sh("ip route add 10.200.0.0/24 via 10.99.1.2; ip -6 route add fd12:0:0:0::/64 via fd99:1::2")
            // The file is the host's: an overlay keeps the machine's own as it is.
            try host.sh(
                """
                mkdir -p /run/etc/upper /run/etc/work
                mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work /etc
                mkdir -p /etc/reconcile
                printf '# pools\\n10.200.0.0/23:24\\n10.210.0.0/16:20\\nfd12::/48:64\\n' > /etc/reconcile/address-pools
                """)
            let networks = ["one", "two", "three"].map { Manifest.network($0, "ipv6: true") }.joined()
            try host.write(networks, host.container("a", command: pause, "networks: [one, two, three]"))
            try host.apply()
            try host.expectConverged()
            #expect(try subnets(host, "one") == ["10.200.1.0/24", "fd12:0:0:1::/64"])
            #expect(try subnets(host, "three") == ["10.210.0.0/20", "fd12:0:0:2::/64"])
            #expect(try subnets(host, "two") == ["10.210.16.0/20", "fd12:0:0:3::/64"])
            // What is typed goes before the file, and what a network has it keeps.
            try host.write(
                networks, Manifest.network("typed"), host.container("a", command: pause, "networks: [one, two, three]"))
            try host.apply("--address-pool", "10.99.0.0/16:24", "--address-pool", "10.230.0.0/16:24")
            try host.expectConverged()
            #expect(try subnets(host, "typed") == ["10.99.0.0/24"])
            #expect(try subnets(host, "one") == ["10.200.1.0/24", "fd12:0:0:1::/64"])
            try host.sh("echo 10.200.0.0/33 >> /etc/reconcile/address-pools")
            let wrong = try host.reconcile("apply", host.manifests)
            #expect(wrong.code == 1 && wrong.errors.contains("/etc/reconcile/address-pools:5"), "\(wrong)")
            let usage = try host.reconcile("apply", "--address-pool", "10.200.0.0", host.manifests)
            #expect(usage.code == 64, "\(usage)")
        }
    }

    /// It is made all the same: who wrote it down may know better.
    @Test func aSubnetThatOverlapsTheHosts() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            try host.sh("ip route add 10.98.0.0/16 via \(client.ipv4); ip address add 10.97.0.9/32 dev lo")
            let networks = [
                "one": "10.99.0.0/16", "two": "10.98.7.0/24", "three": "10.97.0.0/24", "four": "10.96.0.0/24",
            ]
            try host.write(networks.map { Manifest.network($0, "subnets: [{ subnet: \($1) }]") }.joined())
            let said = try host.plan().diagnostics.sorted()
            #expect(
                said == [
                    "warning subnet-overlaps: the subnet 10.97.0.0/24 holds the host's own address 10.97.0.9, on lo",
                    "warning subnet-overlaps: the subnet 10.98.7.0/24 overlaps the host's route to 10.98.0.0/16 by up1",
                    "warning subnet-overlaps: the subnet 10.99.0.0/16 overlaps the host's route to 10.99.1.0/24 by up1",
                ], "\(said)")
            try host.apply()
            let again = try host.plan()
            #expect(again.changes.isEmpty && again.diagnostics.sorted() == said, "\(again)")
            // Without them nothing is said.
            try host.sh("ip route del 10.98.0.0/16; ip address del 10.97.0.9/32 dev lo; ip address flush dev up1")
            #expect(try host.plan().diagnostics == [])
        }
    }

    @Test(arguments: [true, false]) func aLinkBetweenTwo(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try host.connect("client", number: 1)
            try host.serveDatagrams(port: 7, name: "outside", in: client.place)
            try host.write(
                Manifest.network("link", "subnets: [{ subnet: 10.20.0.0/31 }, { subnet: 'fd00:20::/127' }]"),
                host.container("web", "networks: [link]", "ports: ['8080:80']"))
            try host.apply()
            try host.expectConverged()
            #expect(try host.address("web") == "10.20.0.1")
            #expect(try host.address("web", "ipv6") == "fd00:20::1")
            try host.awaitHTTP("10.20.0.1:80")
            try host.awaitHTTP("[fd00:20::1]:80")
            #expect(try host.client(of: "10.20.0.1:80") == "10.20.0.0")
            #expect(try host.client(of: "[fd00:20::1]:80") == "fd00:20::")
            #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4)
            #expect(try host.client(of: "[\(client.hostIPv6)]:8080", from: client.place) == client.ipv6)
            #expect(try host.datagram(client.ipv4, port: 7, from: .sandbox("web")) == "outside sees \(client.hostIPv4)")
            #expect(try host.datagram(client.ipv6, port: 7, from: .sandbox("web")) == "outside sees \(client.hostIPv6)")
            let subnet = try #require(try host.inspect("network/link")["subnets"]?.array?.first)
            #expect(subnet["used"]?.int == 2 && subnet["free"]?.int == 0)
        }
    }

    /// An isolated network's bridge has no address: so a container may have the first one, and does not share a MAC with
    /// the bridge.
    @Test func theFirstAddressOfAnIsolatedNetwork() throws {
        try withHost { host in
            try host.write(
                Manifest.network(
                    "inner", "subnets: [{ subnet: 10.20.0.0/31 }]", "internal: true",
                    "bridge: { gatewayMode: isolated }"),
                host.container("web", "networks: [{ name: inner, ipv4: 10.20.0.0 }]"),
                host.container("near", command: pause, "networks: [inner]"))
            try host.apply()
            try host.expectConverged()
            #expect(try host.address("near") == "10.20.0.1")
            try host.awaitHTTP("10.20.0.0:80", from: .sandbox("near"))
            let exported = try host.reconcile("export")
            #expect(exported.code == 0 && exported.errors == "", "\(exported)")
        }
    }

    @Test(arguments: [true, false]) func aNetworkOfIPv6Alone(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try host.connect("client", number: 1)
            try host.serveDatagrams(port: 7, name: "outside", in: client.place)
            try host.write(
                Manifest.network("six", "subnets: [{ subnet: 'fd00:20::/64' }]"),
                host.container("web", "networks: [six]", "ports: ['8080:80']"),
                host.container("near", command: pause, "networks: [six]"))
            try host.apply()
            try host.expectConverged()
            let address = try host.address("web", "ipv6")
            try host.awaitHTTP("[\(address)]:80", from: .sandbox("near"))
            #expect(try host.sh("ip -o -4 address show dev eth0", in: .sandbox("web")) == "")
            #expect(try host.sh("ip -6 route show default", in: .sandbox("web")).contains("via fd00:20::1"))
            #expect(try host.client(of: "[\(client.hostIPv6)]:8080", from: client.place) == client.ipv6)
            #expect(try host.client(of: "[::1]:8080") != nil)
            #expect(try host.client(of: "[\(client.hostIPv6)]:8080", from: .sandbox("near")) != nil)
            #expect(try host.client(of: "[\(client.hostIPv6)]:8080", from: .sandbox("web")) != nil)
            #expect(try host.http("\(client.hostIPv4):8080", from: client.place).code != 0)
            #expect(try host.datagram(client.ipv6, port: 7, from: .sandbox("web")) == "outside sees \(client.hostIPv6)")
        }
    }

    /// `ipv4: false` leaves the choice of the subnet to us. IPv4 comes and goes while the containers run.
    @Test(arguments: [true, false]) func aChosenNetworkOfIPv6Alone(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try host.connect("client", number: 1)
            func write(_ ipv4: Bool) throws {
                try host.write(
                    Manifest.network("six", "ipv6: true", "ipv4: \(ipv4)"),
                    host.container("web", "networks: [six]", "ports: ['8080:80']"),
                    host.container("near", command: pause, "networks: [six]"))
            }
            func addresses(_ place: TestHost.Place) throws -> String {
                try host.sh("ip -o -4 address show scope global", in: place)
            }
            try write(false)
            try host.apply()
            try host.expectConverged()
            let address = try host.address("web", "ipv6")
            #expect(address.hasPrefix("fd"))
            try host.awaitHTTP("[\(address)]:80", from: .sandbox("near"))
            #expect(try host.client(of: "[\(client.hostIPv6)]:8080", from: client.place) == client.ipv6)
            #expect(try addresses(.sandbox("web")) == "" && !addresses(.host).contains("br-six"))
            #expect(try host.http("\(client.hostIPv4):8080", from: client.place).code != 0)
            let pids = try ["web", "near"].map { try host.pid($0) }
            try write(true)
            try host.apply()
            try host.expectConverged()
            #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4)
            try write(false)
            try host.apply()
            try host.expectConverged()
            #expect(try addresses(.sandbox("web")) == "" && !addresses(.host).contains("br-six"))
            #expect(try host.address("web", "ipv6") == address)
            #expect(try host.client(of: "[\(client.hostIPv6)]:8080", from: client.place) == client.ipv6)
            #expect(try ["web", "near"].map { try host.pid($0) } == pids)
        }
    }

    /// Somebody else's machine on our segment, as a virtual machine's tap on the bridge.
    @Test func anAddressThatSomebodyElseHas() throws {
        try withHost { host in
            let front = Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/29 }, { subnet: 'fd00:20::/64' }]")
            try host.write(
                front, host.container("near", command: pause, "networks: [{ name: front, ipv4: 10.20.0.6 }]"))
            try host.apply()
            try host.sh(
                """
                ip netns add guest
                ip link add tap0 master br-front type veth peer name eth0 netns guest
                ip link set tap0 up
                ip -n guest link set eth0 address 0a:00:00:00:00:01 up
                for i in 2 3 4; do ip -n guest address add 10.20.0.$i/29 dev eth0; done
                ip -n guest address add fd00:20::99/64 dev eth0 nodad
                for i in 2 3 4; do
                    for try in 1 2 3 4 5; do busybox ping -c 1 -W 1 10.20.0.$i && break; done
                done
                for try in 1 2 3 4 5; do busybox ping -6 -c 1 -W 1 fd00:20::99 && break; done
                """)
            try host.write(
                front, host.container("near", command: pause, "networks: [{ name: front, ipv4: 10.20.0.6 }]"),
                host.container("chosen", command: pause, "networks: [front]"),
                host.container("asked", command: pause, "networks: [{ name: front, ipv4: 10.20.0.3 }]"),
                host.container("six", command: pause, "networks: [{ name: front, ipv6: 'fd00:20::99' }]"))
            let plan = try host.plan()
            let said = plan.diagnostics.filter { $0.contains("address-in-use") }
            #expect(said.count == 2 && said.allSatisfy { $0.contains("0a:00:00:00:00:01") }, "\(plan)")
            #expect(
                said.contains { $0.contains("10.20.0.3") } && said.contains { $0.contains("fd00:20::99") }, "\(plan)")
            let result = try host.reconcile("apply", host.manifests)
            #expect(result.code == 1 && result.errors.contains("10.20.0.3 is used on network front"), "\(result)")
            // What is left of six: .1 is the gateway, .2 to .4 the guest's, .6 near's.
            #expect(try host.address("chosen") == "10.20.0.5")
            // It goes, and with its port what is known of it.
            try host.sh("ip link del tap0")
            try host.apply()
            try host.expectConverged()
            #expect(try host.address("asked") == "10.20.0.3")
            #expect(try host.address("six", "ipv6") == "fd00:20::99")
        }
    }

    /// The memory in the data directory alone tells what was chosen: subnets, addresses of both families, host ports.
    @Test func allThatWasChosenComesBack() throws {
        try withHost { host in
            // Two containers that would get the same port, whoever comes first.
            try host.sh(
                """
                echo '40000 40003' > /proc/sys/net/ipv4/ip_local_port_range
                echo 40001 > /proc/sys/net/ipv4/ip_local_reserved_ports
                """)
            let wanted = (UInt8(ascii: "a")...UInt8(ascii: "z")).map { String(UnicodeScalar($0)) }.filter {
                StableHash.of("\($0)/80/tcp") % 4 == 0
            }
            let names = Array(wanted.prefix(2))
            try #require(names.count == 2)
            func site(_ names: [String]) -> String {
                Manifest.network("one", "ipv6: true") + Manifest.network("two")
                    + names.map { host.container($0, "networks: [one, two]", "ports: ['80']") }.joined()
            }
            func seen() throws -> [String] {
                try names.flatMap { name in
                    let endpoints = try host.inspect("container/\(name)")["endpoints"]?.array ?? []
                    return endpoints.flatMap { [$0["ipv4"]?.string ?? "", $0["ipv6"]?.string ?? ""] }
                        + [try host.reconcile("port", name, "80").output]
                }
            }
            // The later by name comes first: after the boot they come together.
            try host.write(site([names[1]]))
            try host.apply()
            try host.write(site(names))
            try host.apply()
            let before = try seen()
            #expect(before.joined().contains(":40000") && before.joined().contains(":40002"), "\(before)")
            try host.reboot()
            try host.apply()
            try host.expectConverged()
            #expect(try seen() == before)
        }
    }
}
