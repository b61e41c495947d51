import Testing

/// Which host ports are given out and at which addresses, and what is said of them.
@Suite(.serialized, .kernel) struct PublishedPortTests {
    private let pause = ["sleep", "600"]

    /// The client sees by its page which container answers.
    private func name(_ host: TestHost, _ server: String, from place: TestHost.Place = .host) throws -> String? {
        let page = try host.http(server, "/cgi-bin/name", from: place, patience: 10)
        return page.code == 0 ? page.text : nil
    }

    /// A port at an address that the host lacks works as soon as the host has it, and until then the plan says so.
    @Test func aPortAtAnAddressThatTheHostLacks() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            try host.write(
                Manifest.network("front", dual(20)),
                host.container("web", "networks: [front]", "ports: ['203.0.113.9:8080:80', '10.20.0.1:8081:80']"))
            let plan = try host.plan()
            let words = plan.diagnostics.filter { $0.contains("address-missing") }
            #expect(words.count == 1 && words[0].contains("203.0.113.9"), "\(plan)")
            let hints = (plan.json["diagnostics"]?.array ?? []).compactMap { $0["hint"]?.string }
            #expect(hints.contains { $0.contains("its addresses are") && $0.contains(client.hostIPv4) }, "\(hints)")
            try host.apply()
            try host.awaitHTTP("10.20.0.1:8081")
            try host.sh("ip address add 203.0.113.9/32 dev lo")
            try host.sh("ip route add 203.0.113.9/32 via \(client.hostIPv4)", in: client.place)
            #expect(try name(host, "203.0.113.9:8080", from: client.place) == "web")
            #expect(try !host.plan().diagnostics.contains { $0.contains("address-missing") })
            try host.expectConverged()
        }
    }

    @Test(arguments: [true, false]) func onePortAtSeveralAddresses(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let (one, two) = (try host.connect("one", number: 1), try host.connect("two", number: 2))
            try host.write(
                Manifest.network("front", dual(20)),
                host.container(
                    "web", "networks: [front]", "ports: ['\(one.hostIPv4):8080:80', '[\(one.hostIPv6)]:8080:80']"),
                host.container(
                    "other", "networks: [front]", "ports: ['\(two.hostIPv4):8080:80', '[\(two.hostIPv6)]:8080:80']"),
                host.container("four", "networks: [front]", "ports: ['0.0.0.0:8081:80']"),
                host.container("six", "networks: [front]", "ports: ['[::]:8081:80']"))
            try host.apply()
            try host.expectConverged()
            for name in ["web", "other", "four", "six"] { try host.awaitHTTP("\(try host.address(name)):80") }
            for (peer, container) in [(one, "web"), (two, "other")] {
                for place in [TestHost.Place.host, peer.place] {
                    #expect(try name(host, "\(peer.hostIPv4):8080", from: place) == container)
                    #expect(try name(host, "[\(peer.hostIPv6)]:8080", from: place) == container)
                }
                #expect(try host.client(of: "\(peer.hostIPv4):8080", from: peer.place) == peer.ipv4)
                #expect(try host.client(of: "[\(peer.hostIPv6)]:8080", from: peer.place) == peer.ipv6)
                // All addresses of one family, and no other.
                #expect(try name(host, "\(peer.hostIPv4):8081", from: peer.place) == "four")
                #expect(try name(host, "[\(peer.hostIPv6)]:8081", from: peer.place) == "six")
            }
            #expect(try name(host, "127.0.0.1:8080") == nil)
            #expect(try name(host, "127.0.0.1:8081") == "four")
            #expect(try name(host, "[::1]:8081") == "six")
        }
    }

    @Test func asDockerPortShowsThem() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            try host.write(
                Manifest.network("front", dual(20)),
                host.container(
                    "web", command: pause, "networks: [front]",
                    "ports: ['8443:443', '9090:80', '127.0.0.1:8080:80', '\(client.hostIPv4):8080:80', '5300-5301:53-54/udp', '[::1]:7000:80', '3868:3868/sctp']"
                ), host.container("none", command: pause, "networks: [front]"))
            try host.apply()
            let all = try host.reconcile("port", "web")
            #expect(
                all.output == """
                    53/udp -> 0.0.0.0:5300
                    53/udp -> [::]:5300
                    54/udp -> 0.0.0.0:5301
                    54/udp -> [::]:5301
                    80/tcp -> 0.0.0.0:9090
                    80/tcp -> 10.99.1.1:8080
                    80/tcp -> 127.0.0.1:8080
                    80/tcp -> [::1]:7000
                    80/tcp -> [::]:9090
                    443/tcp -> 0.0.0.0:8443
                    443/tcp -> [::]:8443
                    3868/sctp -> 0.0.0.0:3868
                    3868/sctp -> [::]:3868

                    """, "\(all)")
            #expect(try host.reconcile("port", "web", "443").output == "0.0.0.0:8443\n[::]:8443\n")
            #expect(try host.reconcile("port", "web", "53/udp").output == "0.0.0.0:5300\n[::]:5300\n")
            for (asked, code) in [("7890", 1), ("7890/udp", 1), ("80/xyz", 64), ("x", 64)] {
                let result = try host.reconcile("port", "web", asked)
                #expect(result.code == Int32(code), "\(result)")
                if code == 1 {
                    #expect(result.errors.contains("no public port '\(asked)' published for web"), "\(result)")
                }
            }
            let none = try host.reconcile("port", "none")
            #expect(none.code == 0 && none.output == "", "\(none)")
        }
    }

    @Test func ephemeralPortsKeepClearOfWhatIsTaken() throws {
        try withHost { host in
            try host.sh(
                """
                echo '40000 40005' > /proc/sys/net/ipv4/ip_local_port_range
                echo 40001-40002 > /proc/sys/net/ipv4/ip_local_reserved_ports
                """)
            // With a range as small as that the host itself soon has no port left to ask from.
            let client = try host.connect("client", number: 1)
            _ = try host.start("busybox httpd -f -p 40003 -h \(host.rootfs)/www")
            try host.awaitHTTP("\(client.hostIPv4):40003", from: client.place)
            func site(_ names: [String]) -> String {
                Manifest.network("front", dual(20))
                    + names.map { host.container($0, "networks: [front]", "ports: ['80']") }.joined()
            }
            func port(_ name: String) throws -> String { try host.reconcile("port", name, "80").output }
            try host.write(site(["a", "b", "c"]))
            try host.apply()
            try host.expectConverged()
            let ports = try ["a", "b", "c"].map { name in
                let line = try port(name)
                return try #require(Int(line.trimmed.lines[0].suffix(5)))
            }
            #expect(Set(ports) == [40000, 40004, 40005])
            try host.awaitHTTP("\(client.hostIPv4):\(ports[0])", from: client.place)
            #expect(try name(host, "\(client.hostIPv4):\(ports[0])", from: client.place) == "a")
            // Whoever comes or goes, they stay; and there is no further one.
            try host.write(site(["0", "a", "b", "c"]))
            let plan = try host.plan()
            #expect(
                plan.diagnostics.contains { $0.contains("no host port is free between 40000 and 40005") }, "\(plan)")
            try host.write(site(["0", "b", "c"]))
            try host.apply("--allow-mass-delete")
            #expect(try port("0").contains(":\(ports[0])"))
            #expect(try port("b").contains(":\(ports[1])") && port("c").contains(":\(ports[2])"))
        }
    }

    /// This kernel may have no SCTP sockets; what the firewall does is seen with packets made by hand, checksum and all.
    @Test(arguments: [true, false]) func sctp(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try host.connect("client", number: 1)
            try host.write(
                Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }]"),
                host.container("web", command: pause, "networks: [front]", "ports: ['9999:3868/sctp']"))
            try host.apply()
            try host.expectConverged()
            try Files.write(Self.sctpProgram, to: host.directory + "/sctp.pl")
            let listener = try host.start("perl \(host.directory)/sctp.pl listen", in: .sandbox("web"))
            #expect(eventually { listener.output.contains("ready") })
            let heard = try eventually {
                try host.sh("perl \(host.directory)/sctp.pl send \(client.hostIPv4) 9999", in: client.place)
                return listener.output.contains("to 3868")
            }
            #expect(heard, "\(listener.output)")
            #expect(listener.output.contains("from \(client.ipv4) to 3868 good"), "\(listener.output)")
            // What is not published is not translated.
            try host.sh("perl \(host.directory)/sctp.pl send \(client.hostIPv4) 9998", in: client.place)
            #expect(!listener.output.contains("to 9998"))
        }
    }

    /// An SCTP INIT (RFC 9260, 3.3.2) over a raw socket, and who hears it: from whom, to which port, and whether its
    /// CRC32c is right.
    private static let sctpProgram = #"""
        use strict; use Socket; $| = 1;
        sub crc { my ($data) = @_; my $crc = 0xffffffff;
            for my $byte (unpack 'C*', $data) { $crc ^= $byte;
                for (1 .. 8) { $crc = $crc & 1 ? ($crc >> 1) ^ 0x82f63b78 : $crc >> 1 } }
            return $crc ^ 0xffffffff }
        socket(my $socket, AF_INET, SOCK_RAW, 132) or die "socket: $!";
        if ($ARGV[0] eq 'send') {
            my $init = pack('CCnNNnnN', 1, 0, 20, 1, 65535, 1, 1, 1);
            my $head = pack('nnN', 5000, $ARGV[2], 0);
            my $sum = pack('V', crc($head . pack('V', 0) . $init));
            send($socket, $head . $sum . $init, 0, sockaddr_in(0, inet_aton($ARGV[1]))) or die "send: $!";
            exit;
        }
        print "ready\n";
        while (my $from = recv($socket, my $packet, 2000, 0)) {
            my $sctp = substr($packet, 4 * (ord($packet) & 15));
            my $port = unpack('x2n', $sctp);
            my $sum = unpack('x8V', $sctp);
            substr($sctp, 8, 4) = pack('V', 0);
            printf "from %s to %d %s\n", inet_ntoa((sockaddr_in($from))[1]), $port, $sum == crc($sctp) ? 'good' : 'bad';
        }
        """#
}
