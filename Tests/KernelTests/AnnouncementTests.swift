import Testing

/// Neighbours that remember an old MAC are told of the new one: what they have in their tables changes without a packet
/// of theirs.
@Suite(.serialized, .kernel) struct AnnouncementTests {
    private let pause = ["sleep", "600"]

    private func site(_ host: TestHost, _ web: String, _ other: String, subnet: String = "10.20.0.0/24") -> String {
        Manifest.network("front", "subnets: [{ subnet: \(subnet) }, { subnet: 'fd00:20::/64' }]")
            + host.container("web", command: pause, "networks: [{ name: front, \(web) }]")
            + host.container("other", command: pause, "networks: [{ name: front, \(other) }]")
            + host.container("near", command: pause, "networks: [{ name: front, ipv4: \(subnet.prefix(5)).0.77 }]")
    }

    private func knows(_ host: TestHost, _ address: String) throws -> String {
        try host.sh("ip neigh show \(address) dev eth0", in: .sandbox("near"))
    }

    private func mac(_ host: TestHost, _ container: String) throws -> String {
        let endpoint = try host.inspect("container/\(container)")["endpoints"]?.array?.first
        guard let mac = endpoint?["mac"]?.string else { throw Failure("no MAC of \(container)") }
        return mac
    }

    private func meet(_ host: TestHost, _ addresses: String...) throws {
        for address in addresses {
            let family = address.contains(":") ? "-6 " : ""
            #expect(try eventually { try host.pings(family + address, from: .sandbox("near")) }, "\(address)")
        }
    }

    @Test func ofAnotherMAC() throws {
        try withHost { host in
            let fixed = "ipv4: 10.20.0.10, ipv6: 'fd00:20::a'"
            try host.write(site(host, "\(fixed), mac: '02:42:00:00:00:01'", "ipv4: 10.20.0.11"))
            try host.apply()
            try meet(host, "10.20.0.10", "fd00:20::a")
            let pid = try host.pid("web")
            try host.write(site(host, "\(fixed), mac: '02:42:00:00:00:02'", "ipv4: 10.20.0.11"))
            try host.apply()
            for address in ["10.20.0.10", "fd00:20::a"] {
                #expect(try eventually { try knows(host, address).contains("02:42:00:00:00:02") }, "\(address)")
            }
            #expect(try host.pid("web") == pid)
            // And of a container that was made anew.
            try host.write(site(host, "ipv4: 10.20.0.12", "ipv4: 10.20.0.11"))
            try host.apply()
            try meet(host, "10.20.0.11")
            try host.write(
                site(host, "\(fixed), mac: '02:42:00:00:00:03'", "ipv4: 10.20.0.11").replacing(
                    "name: web", with: "name: next"))
            try host.apply()
            for address in ["10.20.0.10", "fd00:20::a"] {
                #expect(try eventually { try knows(host, address).contains("02:42:00:00:00:03") }, "\(address)")
            }
        }
    }

    /// Two containers exchange their addresses. The MACs of IPv4 go along with them, those of IPv6 do not.
    @Test func ofAnAddressThatMoves() throws {
        try withHost { host in
            try host.write(
                site(host, "ipv4: 10.20.0.10, ipv6: 'fd00:20::a'", "ipv4: 10.20.0.11, ipv6: 'fd00:20::b'"))
            try host.apply()
            try meet(host, "10.20.0.10", "10.20.0.11", "fd00:20::a", "fd00:20::b")
            let pids = try ["web", "other", "near"].map { try host.pid($0) }
            try host.write(
                site(host, "ipv4: 10.20.0.10, ipv6: 'fd00:20::b'", "ipv4: 10.20.0.11, ipv6: 'fd00:20::a'"))
            try host.apply()
            for (address, name) in [("fd00:20::b", "web"), ("fd00:20::a", "other")] {
                let mac = try mac(host, name)
                #expect(try eventually { try knows(host, address).contains(mac) }, "\(address)")
            }
            // The bridge sends to the right port at once, too: nobody says a word before he is asked.
            try host.write(
                site(host, "ipv4: 10.20.0.11, ipv6: 'fd00:20::b'", "ipv4: 10.20.0.10, ipv6: 'fd00:20::a'"))
            try host.apply()
            for (address, name) in [("10.20.0.11", "web"), ("10.20.0.10", "other")] {
                let (mac, veth) = (try mac(host, name), try host.veth(name))
                #expect(try knows(host, address).contains(mac), "\(address)")
                #expect(
                    try eventually {
                        try host.sh("bridge fdb show br br-front").lines.contains {
                            $0.hasPrefix("\(mac) dev \(veth) ")
                        }
                    },
                    "\(address)")
            }
            for address in ["10.20.0.10", "10.20.0.11"] {
                #expect(try host.awaitPing(address, from: .sandbox("near")), "\(address)")
            }
            #expect(try ["web", "other", "near"].map { try host.pid($0) } == pids)
        }
    }

    /// The bridge's MAC is derived from its IPv4 address: with another gateway it is another one, at the same IPv6 address.
    @Test func ofAGatewayWithAnotherMAC() throws {
        try withHost { host in
            try host.write(site(host, "ipv4: 10.20.0.10", "ipv4: 10.20.0.11"))
            try host.apply()
            try meet(host, "fd00:20::1")
            let pid = try host.pid("near")
            #expect(try knows(host, "fd00:20::1").contains("02:42:0a:14:00:01"))
            let subnet = "10.20.0.0/24, gateway: 10.20.0.3"
            try host.write(site(host, "ipv4: 10.20.0.10", "ipv4: 10.20.0.11", subnet: subnet))
            try host.apply()
            #expect(try eventually { try knows(host, "fd00:20::1").contains("02:42:0a:14:00:03") })
            #expect(try host.pid("near") == pid)
        }
    }

    /// What goes over the wire, as a neighbour hears it.
    @Test func whatIsHeard() throws {
        try withHost { host in
            try host.write(site(host, "ipv4: 10.20.0.10, ipv6: 'fd00:20::a'", "ipv4: 10.20.0.11"))
            try host.apply()
            let listener = try host.start("tcpdump -l -n -i eth0 'arp or icmp6[0] == 136'", in: .sandbox("near"))
            #expect(eventually { listener.errors.contains("listening on") })
            try host.write(site(host, "ipv4: 10.20.0.20, ipv6: 'fd00:20::1a'", "ipv4: 10.20.0.11"))
            try host.apply()
            // A gratuitous ARP asks for or answers with the sender's own address.
            #expect(
                eventually {
                    listener.output.contains("10.20.0.20 tell 10.20.0.20")
                        || listener.output.contains("Reply 10.20.0.20 is-at")
                },
                "\(listener.output)")
            #expect(
                eventually {
                    listener.output.contains("tgt is fd00:20::1a")
                        || listener.output.contains("neighbor advertisement, tgt is fd00:20::1a")
                },
                "\(listener.output)")
        }
    }

    /// Also where somebody turned the kernel's settings off, on the link and for all: they are on when we need them.
    @Test func whereSomebodyTurnedItOff() throws {
        try withHost { host in
            let fixed = "ipv4: 10.20.0.10, ipv6: 'fd00:20::a'"
            try host.write(site(host, "\(fixed), mac: '02:42:00:00:00:01'", "ipv4: 10.20.0.11"))
            try host.apply()
            let listener = try host.start("tcpdump -l -e -n -i eth0 'arp or icmp6[0] == 136'", in: .sandbox("near"))
            #expect(eventually { listener.errors.contains("listening on") })
            func turnOff() throws {
                try host.sh(
                    """
                    for link in all default eth0; do
                        echo 0 >/proc/sys/net/ipv4/conf/$link/arp_notify
                        echo 0 >/proc/sys/net/ipv6/conf/$link/ndisc_notify
                    done
                    """, in: .sandbox("web"))
            }
            func hears(_ mac: String, _ ipv4: String, _ ipv6: String) {
                for what in ["\(ipv4) tell \(ipv4)", "tgt is \(ipv6)"] {
                    #expect(
                        eventually { listener.output.lines.contains { $0.contains(mac) && $0.contains(what) } },
                        "\(mac) \(what)\n\(listener.output)")
                }
            }
            try turnOff()
            try host.write(site(host, "\(fixed), mac: '02:42:00:00:00:02'", "ipv4: 10.20.0.11"))
            try host.apply()
            hears("02:42:00:00:00:02", "10.20.0.10", "fd00:20::a")
            try turnOff()
            try host.write(
                site(host, "ipv4: 10.20.0.20, ipv6: 'fd00:20::1a', mac: '02:42:00:00:00:02'", "ipv4: 10.20.0.11"))
            try host.apply()
            hears("02:42:00:00:00:02", "10.20.0.20", "fd00:20::1a")
        }
    }

    /// A first apply says each address once, and a pass that changes nothing says nothing.
    @Test func eachAddressIsSaidOnce() throws {
        try withHost { host in
            let network = Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }, { subnet: 'fd00:20::/64' }]")
            let numbers = Array(20..<28)
            func container(_ number: Int) -> String {
                host.container(
                    "c\(number)", command: pause,
                    "networks: [{ name: front, ipv4: 10.20.0.\(number), ipv6: 'fd00:20::\(number)' }]")
            }
            try host.write(
                network, host.container("near", command: pause, "networks: [{ name: front, ipv4: 10.20.0.77 }]"))
            try host.apply()
            let listener = try host.start("tcpdump -l -n -i eth0 'arp or icmp6[0] == 136'", in: .sandbox("near"))
            #expect(eventually { listener.errors.contains("listening on") })
            try host.write(
                network, host.container("near", command: pause, "networks: [{ name: front, ipv4: 10.20.0.77 }]"),
                numbers.map(container).joined())
            try host.apply()
            func count(_ words: String) -> Int {
                listener.output.lines.filter { $0.hasSuffix(words) || $0.contains(words + ",") }.count
            }
            for number in numbers {
                let (four, six) = ("10.20.0.\(number) tell 10.20.0.\(number)", "tgt is fd00:20::\(number)")
                #expect(eventually { count(four) >= 1 && count(six) >= 1 }, "\(listener.output)")
                #expect(count(four) == 1 && count(six) == 1, "\(number)\n\(listener.output)")
            }
            // Whoever looks for another one's address is no concern of ours.
            func announced() -> [String] {
                listener.output.lines.filter { $0.contains(#/who-has (\S+) .*tell \1\b/#) }
            }
            let heard = announced()
            try host.apply()
            #expect(announced() == heard)
        }
    }
}
