import Glibc
import Model
import Testing

/// What is suspended, or only to be reported, is left alone by an agent that repairs all else.
@Suite(.serialized, .kernel) struct AgentSuspendTests {
    private func network(_ name: String, _ number: Int, mtu: Int = 1500) -> String {
        Manifest.network(
            name, "subnets: [{ subnet: 10.\(number).0.0/24 }]", "mtu: \(mtu)", "bridge: { name: br-\(name) }")
    }

    private func mtu(_ host: TestHost, _ link: String) throws -> String {
        try host.sh("ip -o link show \(link)").replacing(#/.* mtu ([0-9]+) .*/#) { "\($0.1)" }
    }

    private func status(_ host: TestHost, _ resource: String) throws -> (state: String, code: Int32) {
        let result = try host.reconcile("status", "-o", "json")
        let json = try JSONValue(parsing: Array(result.output.utf8))
        let entry = json["resources"]?.array?.first { $0["resource"]?.string == resource }
        return (entry?["state"]?.string ?? "", result.code)
    }

    /// Waits until `status` says so: an event comes before its pass is over.
    private func awaitStatus(
        _ host: TestHost, _ resource: String, _ expected: (state: String, code: Int32),
        source: SourceLocation = #_sourceLocation
    ) throws {
        var seen = try status(host, resource)
        let isSo = try eventually {
            seen = try status(host, resource)
            return seen == expected
        }
        #expect(isSo, "\(seen)", sourceLocation: source)
    }

    /// Spoils both bridges, and waits until the second is repaired: so the first was seen to be left alone.
    private func spoil(_ host: TestHost, _ agent: RunningAgent, to mtu: Int) throws {
        let before = agent.events.count
        try host.sh("ip link set br-front mtu \(mtu); ip link set br-back mtu \(mtu)")
        try agent.awaitEvent("the other", after: before) { $0.isRepair(of: "link br-back", "mtu") }
    }

    @Test func oneResource() throws {
        try withHost { host in
            try host.write(network("front", 20), network("back", 21))
            var agent = try host.startAgent()
            #expect(try host.reconcile("suspend", "network/front").code == 0)
            usleep(300_000)
            try spoil(host, agent, to: 1400)
            #expect(try mtu(host, "br-front") == "1400")
            #expect(try status(host, "network/front") == ("Suspended", 1))
            // Not by a forced pass, not by a new manifest, not by a new agent.
            kill(try agent.process, SIGHUP)
            let before = agent.events.count
            try host.write(network("front", 20, mtu: 1300), network("back", 21, mtu: 1450))
            try agent.awaitEvent("the other's manifest", after: before) { $0["object"]?.string == "link br-back" }
            #expect(try mtu(host, "br-front") == "1400")
            try agent.stop()
            agent = try host.startAgent()
            try spoil(host, agent, to: 1280)
            #expect(try mtu(host, "br-front") == "1280")
            #expect(try status(host, "network/front") == ("Suspended", 1))
            #expect(try status(host, "network/back") == ("Ready", 1), "the whole is never green")
            #expect(try host.reconcile("resume", "network/front").code == 0)
            let isBack = try eventually(within: .seconds(20)) { try mtu(host, "br-front") == "1300" }
            #expect(isBack)
            try awaitStatus(host, "network/front", ("Ready", 0))
            try agent.stop()
        }
    }

    @Test func everythingThenAllBack() throws {
        try withHost { host in
            try host.write(DriftTests.site(host).joined())
            var agent = try host.startAgent()
            let (web, near) = (try host.pid("web"), try host.pid("near"))
            #expect(try host.reconcile("suspend").code == 0)
            usleep(300_000)
            let before = agent.events.count
            try host.sh("nft flush ruleset; ip link set br-front mtu 1400")
            kill(web, SIGKILL)
            usleep(700_000)
            kill(try agent.process, SIGHUP)
            usleep(500_000)
            try agent.stop()
            agent = try host.startAgent()
            #expect(agent.told(after: before).filter { !["started", "stopped", "manifest"].contains($0) } == [])
            #expect(try host.sh("nft list ruleset") == "")
            #expect(try host.inspect("container/web")["state"]?.string == "exited")
            #expect(try host.reconcile("status").code == 1)
            #expect(try host.reconcile("resume").code == 0)
            try host.awaitHTTP("127.0.0.1:8080")
            let isBack = try eventually(within: .seconds(20)) { try host.reconcile("status").code == 0 }
            #expect(isBack)
            #expect(try host.pid("near") == near)
            try agent.stop()
        }
    }

    @Test func detectOnlyByAnnotation() throws {
        try withHost { host in
            func front(_ mtu: Int) -> String {
                network("front", 20, mtu: mtu)
                    .replacing("name: front }\n", with: "name: front, annotations: { reconcile/mode: detect-only } }\n")
            }
            try host.write(front(1500), network("back", 21))
            let agent = try host.startAgent()
            var before = agent.events.count
            try spoil(host, agent, to: 1400)
            let reported = try agent.awaitEvent("the report", after: before) { $0["object"]?.string == "link br-front" }
            #expect(reported["event"]?.string == "drift" && reported["action"]?.string == "reported")
            #expect(reported["field"]?.string == "mtu" && reported["observed"]?.int == 1400)
            // Once, however often it is looked at; and again when it is another drift.
            for _ in 1...3 {
                kill(try agent.process, SIGHUP)
                usleep(200_000)
            }
            try spoil(host, agent, to: 1400)
            #expect(try mtu(host, "br-front") == "1400")
            #expect(agent.told(after: before).count { $0 == "drift link br-front mtu" } == 1)
            try spoil(host, agent, to: 1350)
            try agent.awaitEvent("the other drift", after: before) {
                $0["observed"]?.int == 1350 && $0["action"]?.string == "reported"
            }
            try awaitStatus(host, "network/front", ("Reconciling", 1))
            // What its manifest says anew is done.
            before = agent.events.count
            try host.write(front(1450), network("back", 21))
            try agent.awaitEvent("the manifest", after: before) {
                $0["event"]?.string == "updated" && $0["object"]?.string == "link br-front"
            }
            #expect(try mtu(host, "br-front") == "1450")
            try awaitStatus(host, "network/front", ("Ready", 0))
            try agent.stop()
        }
    }
}
