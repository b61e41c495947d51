import Glibc
import Testing

/// Each thing that can be changed behind our back is named, field by field, and repaired without a restart.
@Suite(.serialized, .kernel) struct DriftTests {
    static func site(_ host: TestHost) -> [String] {
        [
            Manifest.network("front", "subnets: [{ subnet: 10.20.0.0/24 }, { subnet: 'fd00:20::/64' }]"),
            host.container("web", "networks: [{ name: front, ipv4: 10.20.0.10 }]", "ports: ['8080:80']"),
            host.container("near", command: ["sleep", "600"], "networks: [front]"),
        ]
    }

    /// All cases on one host, one after the other: each starts from what the last one's repair left.
    @Test func eachFieldIsNamedAndRepaired() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            try host.write(Self.site(host).joined())
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
            let pids = try ["web", "near"].map { try host.pid($0) }
            let veth = try host.veth("web")
            for item in Self.cases {
                let name = item.testDescription
                let place: TestHost.Place = item.sandbox.map { .sandbox($0) } ?? .host
                let spoil = item.spoil.replacing("VETH", with: veth)
                    .replacing("FORWARDER", with: "\(try host.forwarder() ?? 0)")
                try host.sh(spoil, in: place)
                let plan = try host.plan()
                for (object, fields) in item.drift {
                    let found = plan.drifted(object.replacing("VETH", with: veth))
                    #expect(found == fields.sorted(), "\(name): \(object)\n\(plan)")
                }
                #expect(plan.drift == plan.changes, "\(name): all of it is drift\n\(plan)")
                #expect(try host.applyOperations() == plan.operations, "\(name)")
                try host.expectConverged()
                #expect(try host.client(of: "127.0.0.1:8080") == "10.20.0.1", "\(name)")
                #expect(try host.client(of: "[::1]:8080") == "fd00:20::1", "\(name)")
                #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4, "\(name)")
                #expect(try ["web", "near"].map { try host.pid($0) } == pids, "\(name): restarted")
            }
        }
    }

    /// What hangs on a thing that is gone is gone with it, and comes back with it.
    @Test(arguments: [
        "ip link del br-front", "ip link del VETH", "nft delete table inet reconcile", "nft flush table inet reconcile",
        "nft delete table inet reconcile; ip link del br-front; umount /run/netns/reconcile-web",
    ])
    func wholeObjectsComeBack(spoil: String) throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            try host.write(Self.site(host).joined())
            try host.apply()
            try host.awaitHTTP("127.0.0.1:8080")
            try host.awaitAddresses(of: [.host, .sandbox("web")])
            let before = try host.kernelSnapshot(of: [.host, .sandbox("web")]).withoutIndexes
            let pids = try ["web", "near"].map { try host.pid($0) }
            try host.sh(spoil.replacing("VETH", with: try host.veth("web")))
            let plan = try host.plan()
            #expect(!plan.drift.isEmpty)
            #expect(plan.changes.allSatisfy { $0.cause != "manifest" }, "\(plan)")
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            #expect(try host.client(of: "127.0.0.1:8080") == "10.20.0.1")
            #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4)
            #expect(try ["web", "near"].map { try host.pid($0) } == pids)
            // The kernel gives new links their own addresses at leisure.
            var difference = ""
            _ = try eventually {
                let after = try host.kernelSnapshot(of: [.host, .sandbox("web")]).withoutIndexes
                difference = before.difference(to: after)
                return difference == ""
            }
            #expect(difference == "")
        }
    }

    @Test(arguments: ["container", "conmon"]) func aKilledProcessIsReplacedAndNothingElse(_ victim: String) throws {
        try withHost { host in
            try host.write(Self.site(host).joined())
            try host.apply()
            let (web, near) = (try host.pid("web"), try host.pid("near"))
            let sandbox = try host.sh("stat -c %i /run/netns/reconcile-web")
            let target = victim == "container" ? web : try host.parent(of: web)
            #expect(kill(target, SIGKILL) == 0)
            #expect(eventually { !isAlive(target) })
            let isSeen = try eventually { try !host.plan().drift.isEmpty }
            #expect(isSeen)
            let plan = try host.plan()
            #expect(plan.changes.map(\.object) == ["process web"], "\(plan)")
            #expect(plan.drifted("process web") != nil, "\(plan)")
            try host.apply()
            try host.expectConverged()
            try host.awaitHTTP("127.0.0.1:8080")
            #expect(try host.pid("web") != web)
            #expect(try host.pid("near") == near)
            #expect(try host.sh("stat -c %i /run/netns/reconcile-web") == sandbox)
            #expect(!isAlive(web), "the container outlived its conmon and its successor's start")
        }
    }

    /// More of what is ours, by its mark, than any manifest asks for.
    @Test func thingsOfOursThatNothingNeedsAreRemoved() throws {
        try withHost { host in
            try host.write(Self.site(host).joined())
            try host.apply()
            let pids = try ["web", "near"].map { try host.pid($0) }
            try host.sh(
                """
                ip link add br-old type bridge && ip link set br-old group 0x7263
                ip link set br-old alias 'reconcile:1 default network/old'
                nft add element inet reconcile ports4 '{ tcp . 9999 : 10.20.0.10 . 80 }'
                nft add element inet reconcile bridges '{ "br-old" }'
                nft add chain inet reconcile extra
                """)
            try host.sh(
                "ip route add 10.9.0.0/16 via 10.20.0.1 proto 82",
                in: .sandbox("web"))
            let plan = try host.plan()
            for object in [
                "link br-old", "firewall port 9999/tcp", "firewall bridges br-old",
                "firewall chain extra", "route 10.9.0.0/16 on eth0 in web",
            ] {
                #expect(plan.changes.contains { $0.object == object && $0.actions == ["delete"] }, "\(object)\n\(plan)")
            }
            #expect(try host.applyOperations() == plan.operations)
            try host.expectConverged()
            #expect(try ["web", "near"].map { try host.pid($0) } == pids)
        }
    }

    /// What bears no mark of ours is left alone, on our links too.
    @Test func thingsWithoutAMarkAreLeftAlone() throws {
        try withHost { host in
            try host.write(Self.site(host).joined())
            try host.apply()
            try host.sh("ip address add 10.55.0.1/24 dev br-front; ip route add 10.56.0.0/16 via 10.20.0.10")
            try host.sh(
                "ip address add 10.57.0.1/24 dev eth0; ip route add 10.58.0.0/16 via 10.20.0.1", in: .sandbox("web"))
            try host.expectConverged()
            try host.sh("ip link set br-front mtu 1400")
            try host.apply()
            #expect(try host.sh("ip -o address show dev br-front").contains("10.55.0.1"))
            #expect(try host.sh("ip route").contains("10.56.0.0/16"))
            #expect(try host.sh("ip -o address; ip route", in: .sandbox("web")).contains("10.57.0.1"))
        }
    }
}
