import Glibc
import Model
import Testing

/// What a service makes on the nodes of its fleet, on one that runs a replica and on one that runs none: whatever somebody
/// does to it is told by object and field, and repaired. Nobody is restarted.
@Suite(.serialized, .kernel) struct FleetServiceDriftTests {
    /// One way to spoil a node, and what its agent says of it.
    private struct Case {
        let spoil: String
        let object: String
        /// `nil`: the whole object is missing.
        var field: String?
        var sandbox: String?

        init(_ spoil: String, _ object: String, _ field: String? = nil, in sandbox: String? = nil) {
            (self.spoil, self.object, self.field, self.sandbox) = (spoil, object, field, sandbox)
        }
    }

    @Test func eachFieldIsNamedAndRepairedOnEveryNode() throws {
        try withNodeFleet { fleet in
            try fleet.write { host in
                NodeFleet.webs(host) + [
                    host.service(
                        "pinger", replicas: 2, template: ["networks: [overnet]"],
                        "ports: ['9090:80', { host: 9091, container: 80, mode: host }]")
                ]
            }
            try fleet.startAgents()
            try fleet.awaitReady()
            let placed = try fleet.awaitReplicas("pinger", 2)
            let near = try #require(placed.values.min())
            let far = try #require([1, 2, 3].first { !placed.values.contains($0) })
            try fleet.expectNoStaleEntries("at the start")
            for number in 1...3 { try expectAnswers(fleet, number) }
            let before = (1...3).map { fleet.node($0).processes }
            for number in [far, near] {
                let own = placed.first { $0.value == number }?.key
                let remote = try #require(placed.first { $0.value != number })
                let cases = try balance(fleet, number, own) + entries(fleet, remote.key, on: remote.value)
                for item in cases + [forwarder(try fleet.node(number).forwarder() ?? 0)] {
                    try check(fleet, number, item)
                }
                try names(fleet, number)
            }
            let containers = (1...3).map { number in
                fleet.node(number).processes.intersection(before[number - 1]).count - before[number - 1].count
            }
            // The forwarders and the servers of names, of each of two nodes, are others.
            #expect(containers.allSatisfy { $0 >= -2 }, "\(containers)")
            #expect(try fleet.awaitReplicas("pinger", 2) == placed)
            for number in 1...3 { try expectAnswers(fleet, number) }
            try fleet.expectNoStaleEntries("after all of it")
        }
    }

    /// The chains that choose a replica, the elements that lead to them, and whose clients' addresses are kept.
    private func balance(_ fleet: NodeFleet, _ number: Int, _ own: String?) throws -> [Case] {
        let chain = "service/pinger/80/tcp"
        var cases = [
            Case("nft flush chain inet reconcile \(chain)", "firewall chain \(chain)", "rules"),
            Case("nft insert rule inet reconcile \(chain) accept", "firewall chain \(chain)", "rules"),
        ]
        for family in ["ipv4", "ipv6"] {
            let key = "{ \(family) . tcp . 9090 }"
            let object = "firewall service port \(family == "ipv4" ? "" : "[::]:")9090/tcp"
            cases += [
                Case("nft delete element inet reconcile services '\(key)'", object),
                Case(
                    """
                    nft 'delete element inet reconcile services \(key);
                        add element inet reconcile services { \(family) . tcp . 9090 : accept }'
                    """, object, "target"),
            ]
        }
        cases.append(
            Case(
                """
                nft 'flush map inet reconcile services; flush chain inet reconcile \(chain);
                    delete chain inet reconcile \(chain)'
                """, "firewall chain \(chain)"))
        guard let own else { return cases }
        let host = fleet.node(number)
        for (set, address) in [("kept4", try host.address(own)), ("kept6", try host.address(own, "ipv6"))] {
            cases.append(
                Case(
                    "nft delete element inet reconcile \(set) '{ \"br-overnet\" . \(address) }'",
                    "firewall \(set) br-overnet . \(address)"))
        }
        let mine = chain + "/host"
        return cases + [
            Case("nft flush chain inet reconcile \(mine)", "firewall chain \(mine)", "rules"),
            Case(
                "nft delete element inet reconcile services '{ ipv4 . tcp . 9091 }'", "firewall service port 9091/tcp"),
            Case(
                "ip address del \(try host.address(own))/24 dev eth0",
                "address \(try host.address(own))/24 on eth0 in \(own)", in: own),
            Case("ip link set eth0 mtu 1300", "link eth0 in \(own)", "mtu", in: own),
            Case("ip link set \(try host.veth(own)) mtu 1300", "link \(try host.veth(own))", "mtu"),
        ]
    }

    /// How a replica on another node is reached.
    private func entries(_ fleet: NodeFleet, _ replica: String, on number: Int) throws -> [Case] {
        let host = fleet.node(number)
        let mac = try host.mac(of: "eth0", in: .sandbox(replica))
        var cases = [
            Case("bridge fdb del \(mac) dev vx-overnet self", "forwarding \(mac) on vx-overnet", "destination"),
            Case("bridge fdb del \(mac) dev vx-overnet master", "forwarding \(mac) on vx-overnet", "bridged"),
            Case(
                "bridge fdb replace \(mac) dev vx-overnet dst 198.51.100.9 self",
                "forwarding \(mac) on vx-overnet", "destination"),
        ]
        for address in [try host.address(replica), try host.address(replica, "ipv6")] {
            let object = "neighbour \(address) on vx-overnet"
            cases += [
                Case("ip neigh del \(address) dev vx-overnet", object),
                Case(
                    "ip neigh replace \(address) lladdr 02:00:00:00:00:09 dev vx-overnet nud permanent protocol 82",
                    object, "mac"),
            ]
        }
        return cases
    }

    private func forwarder(_ pid: Int32) -> Case { Case("kill -KILL \(pid)", "forwarder [::1]") }

    private func check(_ fleet: NodeFleet, _ number: Int, _ item: Case) throws {
        let host = fleet.node(number)
        let count = try fleet.agent(number).events.count
        try host.sh(item.spoil, in: item.sandbox.map { .sandbox($0) } ?? .host)
        try fleet.agent(number).awaitEvent("\(item.spoil): \(item.object)", after: count) {
            $0["event"] == "drift" && $0["object"]?.string == item.object && $0["action"] == "repaired"
                && $0["field"]?.string == item.field
        }
        try expectAnswers(fleet, number, item.spoil)
    }

    /// The server of names: killed, which is told at once, and with another configuration, which is found by a look.
    private func names(_ fleet: NodeFleet, _ number: Int) throws {
        let host = fleet.node(number)
        let kill = try #require(try host.nameServers()["names"])
        try check(fleet, number, Case("kill -KILL \(kill)", "nameserver names"))
        try expectNames(fleet, number)
        let agent = try fleet.agent(number)
        let file = try #require(
            try host.sh("find /run/reconcile/default -path '*names*' -name overnet | head -1").lines.first)
        let count = agent.events.count
        try host.sh("sed -i s/,pinger// \(file)")
        Glibc.kill(try agent.process, SIGHUP)
        try agent.awaitEvent("another configuration", after: count) {
            $0["event"] == "drift" && $0["object"] == "nameserver names" && $0["field"] == "configuration"
        }
        try expectNames(fleet, number)
    }

    private func expectNames(_ fleet: NodeFleet, _ number: Int) throws {
        var found: Set<String> = []
        let isServed = try eventually {
            found = Set(try fleet.node(number).lookup("pinger", in: "web\(number)"))
            return found.count == 2
        }
        #expect(isServed, "n\(number): \(found)")
    }

    private func expectAnswers(_ fleet: NodeFleet, _ number: Int, _ when: String = "at the start") throws {
        var seen: [String: Int] = [:]
        let isSpread = try eventually {
            seen = try fleet.router.answering("\(fleet.host(number)):9090", requests: 4)
            return seen == ["pinger.1": 2, "pinger.2": 2]
        }
        #expect(isSpread, "n\(number), \(when): \(seen)")
    }
}
