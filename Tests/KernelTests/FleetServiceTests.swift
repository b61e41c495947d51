import Foundation
import Glibc
import Model
import Testing

/// Services of a fleet with a real etcd and an agent on each of three nodes.
@Suite(.serialized, .kernel) struct FleetServiceTests {
    /// Begins a fleet, with etcd on node 1, and an agent on each node.
    private func start(_ fleet: OverlayFleet) throws -> [RunningAgent] {
        let first = fleet.node(1)
        func command(_ number: Int, _ words: String...) throws { _ = try fleet.node(number).reconcileFleet(words) }
        try command(1, "init", "--etcd", "192.0.1.2", "--name", "demo", "--node", "n1")
        let files = "\(first.data)/fleet/authority/etcd/192.0.1.2"
        _ = try first.start(
            """
            etcd --name e1 --data-dir \(first.directory)/etcd --log-level error \
            --listen-client-urls https://192.0.1.2:2379 --advertise-client-urls https://192.0.1.2:2379 \
            --listen-peer-urls http://127.0.0.1:2380 --client-cert-auth --trusted-ca-file \(files)/ca.pem \
            --cert-file \(files)/server.pem --key-file \(files)/server.key
            """)
        guard try eventually(within: .seconds(20), { try etcdctl(fleet, "endpoint health").isSuccess }) else {
            throw Failure("etcd does not answer")
        }
        for number in 2...OverlayFleet.size {
            let file = "\(first.directory)/n\(number).fleet"
            try command(1, "invite", "n\(number)", "--file", file)
            try command(number, "join", file)
        }
        return try fleet.nodes.map { try $0.startAgent() }
    }

    private func etcdctl(_ fleet: OverlayFleet, _ words: String) throws -> CommandResult {
        let files = "\(fleet.node(1).data)/fleet/authority/etcd/192.0.1.2"
        return try fleet.node(1).attempt(
            "ETCDCTL_API=3 etcdctl --endpoints=https://192.0.1.2:2379 --cacert=\(files)/ca.pem "
                + "--cert=\(files)/server.pem --key=\(files)/server.key \(words)")
    }

    private func write(_ fleet: OverlayFleet, version: String, replicas: Int, maxUnavailable: Int) throws {
        for host in fleet.nodes {
            try host.write(
                Manifest.network(
                    "over", driver: "overlay", "overlay: { vni: 4097 }",
                    "subnets: [{ subnet: 10.50.0.0/24 }, { subnet: 'fd00:50::/64' }]"),
                host.service(
                    "pinger", replicas: replicas,
                    template: [
                        "networks: [over]", "environment: { VERSION: \(version) }",
                        "mounts: [{ source: \(host.directory)/state, target: /state, readOnly: true }]",
                        "healthcheck: { command: [sh, -c, '[ ! -e /state/sick ]'], interval: 300ms, retries: 1 }",
                    ], "ports: ['9090:80', { host: 9091, container: 80, mode: host }]",
                    "update: { maxUnavailable: \(maxUnavailable) }"))
        }
    }

    private func makeState(_ fleet: OverlayFleet) throws {
        for host in fleet.nodes { try host.sh("mkdir -p \(host.directory)/state") }
    }

    private func awaitAnswers(
        _ fleet: OverlayFleet, _ server: String, _ names: Set<String>, within time: Duration = .seconds(40),
        source: SourceLocation = #_sourceLocation
    ) throws {
        var seen: [String: Int] = [:]
        let isSo = try eventually(within: time) {
            seen = try fleet.router.answering(server, requests: 2 * max(1, names.count))
            return Set(seen.keys) == names
        }
        #expect(isSo, "\(server): \(seen) instead of \(names.sorted())", sourceLocation: source)
    }

    private func replicas(_ count: Int) -> Set<String> { Set((1...count).map { "pinger.\($0)" }) }

    /// The replicas of a node, by its sandboxes.
    private func own(_ host: TestHost) throws -> Set<String> {
        Set(
            try host.sh("ls /run/netns").lines.map { $0.replacing("reconcile-", with: "") }.filter {
                $0.hasPrefix("pinger.")
            })
    }

    private func pids(_ fleet: OverlayFleet) throws -> Set<Int32> {
        Set(try fleet.nodes.flatMap { host in try own(host).map { try host.pid($0) } })
    }

    /// Waits until each node runs its share, and nothing goes from one to another any more: agents that begin one after
    /// the other hand replicas over.
    private func awaitSpread(_ fleet: OverlayFleet, _ counts: [Int], source: SourceLocation = #_sourceLocation) throws {
        var before: [Set<String>] = []
        let isSpread = try eventually(within: .seconds(60)) {
            let now = try fleet.nodes.map { try own($0) }
            if now == before, now.map(\.count).sorted() == counts { return true }
            before = now
            Thread.sleep(forTimeInterval: 2)
            return false
        }
        try #require(isSpread, "\(before)", sourceLocation: source)
    }

    /// Waits until no agent has told anything for three seconds.
    private func awaitQuiet(_ agents: [RunningAgent]) {
        var before: [Int] = []
        _ = eventually(within: .seconds(60)) {
            let now = agents.map { $0.events.count }
            if now == before { return true }
            before = now
            Thread.sleep(forTimeInterval: 3)
            return false
        }
    }

    /// Who is unwell on one node gets nothing to do from any other, and nobody is restarted.
    @Test func healthIsKnownOnEveryNode() throws {
        try withFleet(.ipv4) { fleet in
            try makeState(fleet)
            try write(fleet, version: "one", replicas: 3, maxUnavailable: 1)
            let agents = try start(fleet)
            try awaitSpread(fleet, [1, 1, 1])
            for number in 1...3 { try awaitAnswers(fleet, "192.0.\(number).2:9090", replicas(3)) }
            let ran = try pids(fleet)
            let sick = try own(fleet.node(2))
            #expect(!sick.isEmpty)
            let counts = agents.map { $0.events.count }
            try Files.write("", to: fleet.node(2).directory + "/state/sick")
            for number in 1...3 {
                try awaitAnswers(fleet, "192.0.\(number).2:9090", replicas(3).subtracting(sick))
                try awaitAnswers(
                    fleet, "192.0.\(number).2:9091", number == 2 ? ["curl 7"] : try own(fleet.node(number)))
            }
            var told = ""
            let isTold = try eventually(within: .seconds(30)) {
                let status = try fleet.node(3).reconcile("fleet", "status")
                told = "\(status)"
                return status.code == 1 && status.output.contains("# not ready: \(sick.sorted()[0])")
            }
            #expect(isTold, "\(told)")
            try fleet.node(2).sh("rm \(fleet.node(2).directory)/state/sick")
            for number in 1...3 { try awaitAnswers(fleet, "192.0.\(number).2:9090", replicas(3)) }
            let isReady = try eventually(within: .seconds(30)) {
                try fleet.node(3).reconcile("fleet", "status").code == 0
            }
            #expect(isReady)
            #expect(try pids(fleet) == ran)
            for (agent, count) in zip(agents, counts) {
                let drift = agent.events.dropFirst(count).filter { $0["event"]?.string == "drift" }
                #expect(drift.isEmpty, "\(drift.map { $0.text() })")
            }
        }
    }

    /// An endpoint elsewhere comes and goes by itself: what is told of it is that alone.
    @Test func anEndpointIsFollowedByItself() throws {
        try withFleet(.ipv4) { fleet in
            try makeState(fleet)
            try write(fleet, version: "one", replicas: 3, maxUnavailable: 1)
            let agents = try start(fleet)
            try awaitSpread(fleet, [1, 1, 1])
            try awaitAnswers(fleet, "192.0.1.2:9090", replicas(3))
            awaitQuiet(agents)
            let host = fleet.node(2)
            let count = agents[1].events.count
            let key = "/reconcile/demo/endpoints/over/n3/guest"
            let value =
                #"{"version":1,"addresses":["10.50.0.99","fd00:50::99"],"mac":"02:42:0a:32:00:63","aliases":["x"],"healthy":true}"#
            _ = try etcdctl(fleet, "put \(key) '\(value)'")
            let entries = "bridge fdb show; ip neigh show; ip -6 neigh show"
            let isThere = try eventually {
                let text = try host.sh(entries)
                return text.contains("02:42:0a:32:00:63 dev vx-over dst 192.0.3.2") && text.contains("10.50.0.99 ")
                    && text.contains("fd00:50::99 ")
            }
            #expect(isThere, "\(String(describing: try? host.sh(entries)))")
            let isNamed = try eventually {
                let place = TestHost.Place.sandbox(try own(host).sorted()[0])
                return try host.attempt("dig +short x @10.50.0.1", in: place).text == "10.50.0.99"
            }
            #expect(isNamed)
            _ = try etcdctl(fleet, "del \(key)")
            let isGone = try eventually { try !host.sh(entries).contains("02:42:0a:32:00:63") }
            #expect(isGone)
            let told = Set(agents[1].told(after: count))
            let wanted = ["created", "deleted"].flatMap { word in
                [
                    "\(word) forwarding 02:42:0a:32:00:63 on vx-over", "\(word) name guest on over",
                    "\(word) neighbour 10.50.0.99 on vx-over", "\(word) neighbour fd00:50::99 on vx-over",
                ]
            }
            let isTold = eventually { Set(agents[1].told(after: count).map(\.trimmed)).isSuperset(of: wanted) }
            #expect(isTold, "\(told.sorted())")
            let rest = Set(agents[1].told(after: count).map(\.trimmed)).subtracting(wanted)
            #expect(rest.isEmpty, "\(rest.sorted())")
            // What somebody does to an entry is drift, as before.
            let pinger = try own(fleet.node(1)).sorted()[0]
            let address = try fleet.node(1).address(pinger)
            let before = agents[1].events.count
            try host.sh("ip neigh del \(address) dev vx-over")
            try agents[1].awaitEvent("the entry", after: before) {
                $0["event"]?.string == "drift" && $0["object"]?.string == "neighbour \(address) on vx-over"
            }
        }
    }

    /// A new template goes over all nodes, and never more than may be are away; nobody who asks is refused.
    @Test(arguments: [1, 2]) func anUpdateTakesTurnsOverTheFleet(_ maxUnavailable: Int) throws {
        try withFleet(.ipv4) { fleet in
            try makeState(fleet)
            let count = 5
            try write(fleet, version: "one", replicas: count, maxUnavailable: maxUnavailable)
            let agents = try start(fleet)
            try awaitSpread(fleet, [1, 2, 2])
            for number in 1...3 { try awaitAnswers(fleet, "192.0.\(number).2:9090", replicas(count)) }
            let before = try pids(fleet)
            let samples = try sample(fleet, count)
            try write(fleet, version: "two", replicas: count, maxUnavailable: maxUnavailable)
            let isDone = try eventually(within: .seconds(120)) {
                let pids = try fleet.nodes.flatMap { host in try own(host).compactMap { try? host.pid($0) } }
                return pids.count == count && Set(pids).isDisjoint(with: before)
            }
            #expect(isDone, "\(agents.map { $0.command.errors.suffix(1000) })")
            for number in 1...3 { try awaitAnswers(fleet, "192.0.\(number).2:9090", replicas(count)) }
            let lines = samples.output.lines
            let up = ups(lines)
            #expect(up.count > 5 && (up.min() ?? 0) >= count - maxUnavailable, "\(up)")
            // Who does not answer is seen.
            let stopped = try pids(fleet).sorted()[0]
            kill(stopped, SIGSTOP)
            let isSeen = eventually(within: .seconds(30)) {
                ups(samples.output.lines).dropFirst(up.count).contains(count - 1)
            }
            kill(stopped, SIGCONT)
            samples.stop()
            #expect(isSeen, "nobody was seen to be away")
            #expect(lines.count { $0 == "no answer" } <= 1, "\(lines.count { $0 == "no answer" }) of \(lines.count)")
            // All turns are given back.
            let isFree = try eventually {
                try etcdctl(fleet, "get --prefix --keys-only /reconcile/demo/claims/updates/").text.isEmpty
            }
            #expect(isFree)
        }
    }

    /// How many replicas answered, in each look at all of them.
    private func ups(_ lines: [String]) -> [Int] {
        lines.filter { $0.hasPrefix("up ") }.compactMap { Int($0.dropFirst(3)) }
    }

    /// Asks each replica at its own address on its node, and the service by way of a node: a line an answer.
    private func sample(_ fleet: OverlayFleet, _ count: Int) throws -> RunningCommand {
        let host = fleet.node(1)
        let all = try fleet.nodes.flatMap { host in try own(host).map { try host.address($0) } }.joined(separator: " ")
        try Files.write(
            """
            while :; do
                for s in \(all); do (curl -s -o /dev/null -m 3 http://$s:80/ && echo x) & done | wc -l | sed 's/^/up /'
                curl -s -m 10 http://192.0.1.2:9090/cgi-bin/name || echo no answer
            done
            """, to: host.directory + "/sample.sh")
        return try host.start("sh \(host.directory)/sample.sh")
    }
}
