import Glibc
import Model
import Testing

/// What is changed behind the agent's back is repaired within moments, and told field by field.
@Suite(.serialized, .kernel) struct AgentDriftTests {
    /// What no event tells of: found by the cheaper look, which the agent takes once a minute and at SIGHUP.
    private static func isSilent(_ item: DriftTests.Case) -> Bool {
        let isForwarder = item.drift.keys.allSatisfy { $0.hasPrefix("forward") }
        return item.testDescription == "route_localnet" || isForwarder && item.testDescription != "the forwarder killed"
    }

    /// What takes two commands to spoil: the agent is faster.
    private static let slow: Set<String> = [
        "a second gateway in the way", "the sandbox's file removed",
    ]

    @Test func eachFieldIsRepairedAndTold() throws {
        try withHost { host in
            let client = try host.connect("client", number: 1)
            try host.write(DriftTests.site(host).joined())
            let agent = try host.startAgent()
            try host.awaitHTTP("127.0.0.1:8080")
            let pids = try ["web", "near"].map { try host.pid($0) }
            let veth = try host.veth("web")
            for item in DriftTests.cases where !Self.slow.contains(item.testDescription) {
                let name = item.testDescription
                let place: TestHost.Place = item.sandbox.map { .sandbox($0) } ?? .host
                let spoil = item.spoil.replacing("VETH", with: veth)
                    .replacing("FORWARDER", with: "\(try host.forwarder() ?? 0)")
                let before = agent.events.count
                try host.sh(spoil, in: place)
                if Self.isSilent(item) { kill(try agent.process, SIGHUP) }
                for (object, fields) in item.drift {
                    for field in fields.isEmpty ? [nil] : fields.map(Optional.some) {
                        try agent.awaitEvent("\(name): \(object) \(field ?? "")", after: before) {
                            $0.isRepair(of: object.replacing("VETH", with: veth), field)
                        }
                    }
                }
                try host.awaitConverged()
                #expect(try host.client(of: "127.0.0.1:8080") == "10.20.0.1", "\(name)")
                #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4, "\(name)")
                #expect(try ["web", "near"].map { try host.pid($0) } == pids, "\(name): restarted")
            }
            try agent.stop()
        }
    }

    @Test(arguments: [
        "ip link del br-front", "ip link del VETH", "nft delete table inet reconcile", "nft flush ruleset",
        "umount /run/netns/reconcile-web", "ip netns del reconcile-near || true", "ip -n reconcile-web link del eth0",
        "ip -n reconcile-web addr flush dev eth0", "ip link set VETH name other",
        "ip link add br-old type bridge && ip link set br-old group 0x7263 alias 'reconcile:1 default network/old'",
    ])
    func wholeObjectsComeBack(spoil: String) throws {
        // The agent may have bound a sandbox again before the same command removes its file.
        try withHost { host in
            let client = try host.connect("client", number: 1)
            try host.write(DriftTests.site(host).joined())
            let agent = try host.startAgent()
            try host.awaitHTTP("127.0.0.1:8080")
            let before = agent.events.count
            let pids = try ["web", "near"].map { try host.pid($0) }
            try host.sh(spoil.replacing("VETH", with: try host.veth("web")))
            try agent.awaitEvent(spoil, after: before) { $0["event"]?.string == "drift" }
            let isBack = try eventually { try host.plan().changes.isEmpty }
            let left = isBack ? "" : "\(try host.plan())"
            #expect(isBack, "\(left)")
            let failures = agent.events.dropFirst(before).filter { $0["event"]?.string == "failed" }.map { $0.text() }
            #expect(failures.isEmpty, "\(spoil): \(failures)")
            #expect(try host.client(of: "127.0.0.1:8080") == "10.20.0.1")
            #expect(try host.client(of: "\(client.hostIPv4):8080", from: client.place) == client.ipv4)
            #expect(try ["web", "near"].map { try host.pid($0) } == pids)
            try agent.stop()
        }
    }

    @Test(arguments: ["container", "conmon"]) func aKilledProcessIsReplacedAndNothingElse(_ victim: String) throws {
        try withHost { host in
            try host.write(DriftTests.site(host).joined())
            let agent = try host.startAgent()
            let (web, near) = (try host.pid("web"), try host.pid("near"))
            let target = victim == "container" ? web : try host.parent(of: web)
            let before = agent.events.count
            kill(target, SIGKILL)
            try agent.awaitEvent("the killed \(victim)", after: before) { $0.isRepair(of: "process web", "state") }
            try host.awaitHTTP("127.0.0.1:8080")
            #expect(try host.pid("web") != web)
            #expect(try host.pid("near") == near)
            try host.awaitConverged()
            try agent.stop()
        }
    }

    /// Our own changes, and events that tell nothing new, wake nobody.
    @Test func nothingIsDoneForOurOwnEcho() throws {
        try withHost { host in
            try host.write(DriftTests.site(host).joined())
            let agent = try host.startAgent()
            try host.awaitHTTP("127.0.0.1:8080")
            let before = agent.events.count
            try host.sh("ip link set br-front mtu 1400")
            try agent.awaitEvent("mtu", after: before) { $0.isRepair(of: "link br-front", "mtu") }
            usleep(500_000)
            let ticks = try host.cpuTicks(of: agent.process)
            try host.sh(
                "for i in 1 2 3 4 5; do ip link set br-front mtu 1500; ip addr add 10.99.0.1/32 dev br-front; ip addr del 10.99.0.1/32 dev br-front; done"
            )
            usleep(500_000)
            #expect(agent.events.count == before + 1, "\(agent.events.dropFirst(before).map { $0.text() })")
            // Some looks, and no more: whoever hears their own echo is never done.
            #expect(try host.cpuTicks(of: agent.process) - ticks <= 30)
            try agent.stop()
        }
    }

    @Test func whatFightsUsIsRepairedEverMoreSlowly() throws {
        try withHost { host in
            try host.write(DriftTests.site(host).joined())
            let agent = try host.startAgent()
            let before = agent.events.count
            func isContention(_ event: JSONValue) -> Bool { event["event"]?.string == "contended" }
            func repairs(_ events: some Sequence<JSONValue>) -> [Int64] {
                events.filter { $0.isRepair(of: "link br-front", "mtu") }
                    .compactMap { $0["time"]?.string.flatMap(Ledger.Told.milliseconds) }
            }
            func fight() throws {
                let count = agent.events.count
                try host.sh("ip link set br-front mtu 1400")
                try agent.awaitEvent("the repair", after: count) { $0.isRepair(of: "link br-front", "mtu") }
                // What comes while a repair is still under way waits for the next try.
                usleep(150_000)
            }
            for _ in 0..<60 where !agent.events.dropFirst(before).contains(where: isContention) { try fight() }
            let contended = try agent.awaitEvent("contention", after: before, isContention)
            #expect(contended["object"]?.string == "link br-front" && contended["field"]?.string == "mtu")
            for _ in 1...2 { try fight() }
            let told = Array(agent.events.dropFirst(before))
            let end = try #require(told.firstIndex(where: isContention))
            let (early, late) = (repairs(told[..<end]), repairs(told[end...]))
            #expect(early.count >= 6, "\(early)")
            try #require(!early.isEmpty && late.count >= 2)
            // Delays of one and of two seconds.
            #expect(late[0] - early[early.count - 1] >= 900, "\(early) \(late)")
            #expect(late[1] - late[0] >= 1_900, "\(late)")
            var status = try host.reconcile("status")
            let isShown = try eventually {
                status = try host.reconcile("status")
                return status.code == 1 && status.output.contains("contended")
            }
            #expect(isShown, "\(status)")
            // Everything else is repaired at once.
            let others = agent.events.count
            try host.sh("ip link set \(try host.veth("web")) mtu 1300")
            try agent.awaitEvent("another link", after: others) {
                $0.isRepair(of: "link \((try? host.veth("web")) ?? "")", "mtu")
            }
            // A pass over everything does not forget whose repair was put off.
            try host.sh("ip link set br-front mtu 1400")
            kill(try agent.process, SIGHUP)
            let isQuiet = try eventually(within: .seconds(90)) { try host.reconcile("status").code == 0 }
            #expect(isQuiet)
            try agent.stop()
        }
    }

    @Test func detectOnlyReportsAndChangesNothing() throws {
        try withHost { host in
            try host.write(DriftTests.site(host).joined())
            try host.apply()
            let agent = try host.startAgent("--detect-only")
            let before = agent.events.count
            try host.sh("ip link set br-front mtu 1400")
            let event = try agent.awaitEvent("drift", after: before) { $0["event"]?.string == "drift" }
            #expect(event["action"]?.string == "reported" && event["field"]?.string == "mtu")
            usleep(300_000)
            #expect(try host.sh("ip -o link show br-front").contains("mtu 1400"))
            #expect(agent.events.count == before + 1)
            try agent.stop()
        }
    }
}
