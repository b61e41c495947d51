import Glibc
import Testing

/// The ports of services: who reaches them, and which replicas answer. Whether bridged packets pass the firewall makes no
/// difference.
@Suite(.serialized, .kernel) struct ServicePortTests {
    private let all = ["pinger.1": 4, "pinger.2": 4, "pinger.3": 4]

    private func write(_ host: TestHost, replicas: Int = 3, ports: String = "['9090:80', '127.0.0.1:9091:80']") throws {
        try host.write(
            Manifest.network("front", dual(20)), Manifest.network("back", dual(21)),
            host.service("pinger", replicas: replicas, template: ["networks: [front]"], "ports: \(ports)"),
            host.container("near", command: ["sleep", "600"], "networks: [front]"),
            host.container("far", command: ["sleep", "600"], "networks: [back]"))
    }

    @Test(arguments: [true, false]) func loadIsSpreadWhereverItComesFrom(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try host.connect("client", number: 1)
            try write(host)
            try host.apply()
            try host.awaitReplicas("pinger.1", "pinger.2", "pinger.3")
            let places: [(String, TestHost.Place)] = [
                ("host", .host), ("wire", client.place), ("same network", .sandbox("near")),
                ("other network", .sandbox("far")), ("replica", .sandbox("pinger.2")),
            ]
            for (name, place) in places {
                for server in ["\(client.hostIPv4):9090", "[\(client.hostIPv6)]:9090"] {
                    #expect(try host.answering(server, from: place) == all, "\(name) to \(server)")
                }
            }
            #expect(try host.answering("127.0.0.1:9090") == all)
            #expect(try host.answering("127.0.0.1:9091") == all)
            // ::1 leads to one of them.
            #expect(try host.answering("[::1]:9090") == ["pinger.1": 12])
            // The client's own address is kept.
            #expect(try host.client(of: "\(client.hostIPv4):9090", from: client.place) == client.ipv4)
            #expect(try host.client(of: "[\(client.hostIPv6)]:9090", from: client.place) == client.ipv6)
            // What is bound to the loopback cannot be reached from the wire.
            #expect(try host.http("\(client.hostIPv4):9091", from: client.place).code != 0)
            try host.expectConverged()
        }
    }

    /// Whoever has a connection keeps its replica, and where none is left the host refuses at once.
    @Test(arguments: [true, false]) func replicasComeAndGo(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            let client = try host.connect("client", number: 1)
            try write(host, replicas: 2)
            try host.apply()
            try host.awaitReplicas("pinger.1", "pinger.2")
            for server in ["\(client.hostIPv4):9090", "[\(client.hostIPv6)]:9090"] {
                #expect(try host.answering(server, from: client.place) == ["pinger.1": 6, "pinger.2": 6])
            }
            try write(host, replicas: 4)
            try host.apply()
            try host.awaitReplicas("pinger.3", "pinger.4")
            #expect(try host.answering("127.0.0.1:9090").count == 4)
            try write(host, replicas: 1)
            try host.apply()
            #expect(try host.answering("127.0.0.1:9090") == ["pinger.1": 12])
            try write(host, replicas: 0)
            try host.apply()
            for (server, place) in [
                ("127.0.0.1:9090", .host), ("\(client.hostIPv4):9090", client.place),
                ("[\(client.hostIPv6)]:9090", client.place), ("[::1]:9090", TestHost.Place.host),
            ] {
                var page: Page?
                let isRefused = try eventually {
                    page = try host.http(server, from: place)
                    return page?.isRefused == true
                }
                #expect(isRefused, "\(server): \(String(describing: page))")
            }
            try host.expectConverged()
            try write(host, replicas: 1)
            try host.apply()
            try host.awaitReplicas("pinger.1")
            #expect(try host.answering("\(client.hostIPv4):9090", from: client.place) == ["pinger.1": 12])
        }
    }

    /// A client that goes on sending datagrams stays with its replica, and goes to another one when that is gone.
    @Test func datagrams() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            func write(_ replicas: Int) throws {
                try host.write(
                    Manifest.network("front", dual(20)),
                    host.service(
                        "echo", replicas: replicas, command: ["sleep", "600"], template: ["networks: [front]"],
                        "ports: ['5353:53/udp']"))
            }
            try write(2)
            try host.apply()
            for name in ["echo.1", "echo.2"] { try host.serveDatagrams(port: 53, name: name, in: .sandbox(name)) }
            for server in [client.hostIPv4, client.hostIPv6] {
                var seen: Set<String> = []
                for port in [40001, 40002, 40003, 40004] {
                    let answers = try (0..<3).map { _ in
                        try host.datagram(server, port: 5353, from: client.place, sourcePort: port, tries: 3) ?? "none"
                    }
                    #expect(Set(answers).count == 1 && answers[0].hasPrefix("echo."), "\(answers)")
                    seen.formUnion(answers.map { String($0.prefix(6)) })
                }
                #expect(seen == ["echo.1", "echo.2"])
            }
            try write(1)
            try host.apply()
            for server in [client.hostIPv4, client.hostIPv6] {
                for port in [40001, 40002, 40003, 40004] {
                    let answer = try host.datagram(server, port: 5353, from: client.place, sourcePort: port, tries: 3)
                    #expect(answer?.hasPrefix("echo.1 ") == true, "\(server) from \(port): \(answer ?? "none")")
                }
            }
        }
    }

    @Test(arguments: [true, false]) func fiveProofs(_ bridged: Bool) throws {
        try withHost(bridged: bridged) { host in
            _ = try host.connect("client", number: 1)
            try host.awaitAddresses()
            let clean = try host.kernelSnapshot()
            try write(host, ports: "['9090:80', '127.0.0.1:9091:80', { host: 9092, container: 80, mode: host }]")
            let planned = try host.plan().operations
            #expect(try host.applyOperations() == planned)
            try host.expectConverged()
            let monitor = try Monitor(host, sandboxes: ["pinger.1"])
            let heard = try monitor.hears { try host.apply() }
            #expect(heard.isEmpty, "\(heard.joined(separator: "\n"))")
            let pids = try (1...3).map { try host.pid("pinger.\($0)") }
            let chain = "service/pinger/80/tcp"
            let cases = [
                ("nft flush chain inet reconcile \(chain)", "firewall chain \(chain)"),
                (
                    "nft add rule inet reconcile \(chain) meta l4proto tcp dnat ip to 10.20.0.99:80",
                    "firewall chain \(chain)"
                ),
                (
                    "nft delete element inet reconcile services '{ ipv4 . tcp . 9090 }'",
                    "firewall service port 9090/tcp"
                ),
                (
                    "nft delete element inet reconcile services '{ ipv6 . tcp . 9090 }'",
                    "firewall service port [::]:9090/tcp"
                ),
                (
                    "nft delete element inet reconcile services4_address '{ 127.0.0.1 . tcp . 9091 }'",
                    "firewall service port 127.0.0.1:9091/tcp"
                ),
                ("nft flush chain inet reconcile \(chain)/host", "firewall chain \(chain)/host"),
            ]
            for (spoil, object) in cases {
                try host.sh(spoil)
                let plan = try host.plan()
                #expect(plan.drift.map(\.object) == [object] && plan.changes.count == 1, "\(spoil): \(plan)")
                #expect(plan.drift.first?.resource == "service/pinger", "\(spoil)")
                try host.apply()
                try host.expectConverged()
            }
            #expect(try (1...3).map { try host.pid("pinger.\($0)") } == pids)
            try host.awaitReplicas("pinger.1", "pinger.2", "pinger.3")
            #expect(try host.answering("127.0.0.1:9092") == all)
            try host.destroyLeavingNothing(since: clean, "a service")
        }
    }
}
