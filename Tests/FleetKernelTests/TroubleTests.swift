import Glibc
import Model
import Testing

@testable import Fleet

@Suite("What goes wrong with a real etcd", .kernel)
struct TroubleTests {
    @Test("a full etcd: said so, read on, and well again when there is room", .timeLimit(.minutes(1)))
    func full() async throws {
        let cluster = try EtcdCluster(options: ["--quota-backend-bytes=2097152"])
        try await cluster.ready()
        let (a, b) = (try RunningSession(cluster.node("a")), try RunningSession(cluster.node("b")))
        for node in [a, b] { try await node.awaitConnection() }
        let client = try cluster.client()
        let block = [UInt8](repeating: 0x41, count: 400_000)
        var filled: Diagnostic?
        for _ in 0..<20 where filled == nil {
            do throws(Diagnostic) { try await client.put("/filler", block) } catch { filled = error }
        }
        #expect(filled?.code == EtcdCode.full)
        await a.session.publish(FleetPublication(node: NodeEntry(name: "", revision: "r2", health: .ready)))
        try await a.awaitProblem(EtcdCode.full)
        #expect(a.view.connection == .connected && a.view.nodes.count == 2, "it can be read, and the lease is kept")
        await #expect(throws: Diagnostic.self) {
            try await a.session.claim([ClaimRequest(.replica(service: "web", 1), holder: "x")])
        }
        // Longer than the lease.
        try await Task.sleep(for: .seconds(6))
        #expect(b.view.nodes["a"] != nil)
        try await client.delete("/filler")
        let revision = try await client.list("/none").revision
        _ = try await cluster.etcdctl("compact \(revision)")
        _ = try await cluster.etcdctl("defrag")
        _ = try await cluster.etcdctl("alarm disarm")
        try await eventually("well again") { a.view.problem == nil && b.view.nodes["a"]?.revision == "r2" }
        await client.close()
    }

    @Test(
        "cut off while another one takes its replica and etcd forgets: it comes back without a claim lost",
        .timeLimit(.minutes(1)))
    func partition() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let proxy = try cluster.proxy()
        let a = try RunningSession(cluster.node("a", endpoints: [cluster.proxied]), lease: 3)
        let b = try RunningSession(cluster.node("b"), lease: 3)
        for node in [a, b] { try await node.awaitConnection() }
        await a.session.publish(
            FleetPublication(
                node: NodeEntry(name: ""),
                endpoints: [
                    EndpointEntry(
                        network: "n", node: "", container: "c", addresses: [], mac: MACAddress(bits: 0x0200_0000_0001))
                ]))
        let replicas = (1...3).map { ClaimRequest(.replica(service: "web", $0), holder: "container/web.\($0)") }
        let address = ClaimRequest(.address(network: "n", IPAddress("10.9.0.1")!), holder: "container/c")
        #expect(try await a.session.claim(replicas + [address]).allSatisfy { $0.isTaken })
        try await eventually("b sees it") { b.view.claims.count == 4 && b.view.endpoints["n"] != nil }
        let lease = a.view.lease

        proxy.stop()
        try await a.awaitProblem(EtcdCode.unreachable)
        try await eventually("b sees it die") { b.view.nodes["a"] == nil && b.view.claims.count == 1 }
        #expect(a.view.claims.count == 4 && a.view.nodes.count == 2, "what was known stays")
        #expect(try await b.session.claim([replicas[0]])[0].isTaken)
        #expect(try await !b.session.claim([address])[0].isTaken, "an address is kept")
        // What happened meanwhile is no longer told one by one.
        let client = try cluster.client()
        for number in 0..<50 { try await client.put("/reconcile/main/rollout/x", Array("\(number)".utf8)) }
        _ = try await cluster.etcdctl("compact \(try await client.list("/none").revision)")

        let again = try cluster.proxy()
        try await a.awaitConnection()
        #expect(a.view.lease != lease)
        try await eventually("both know") {
            [a, b].allSatisfy { node in
                let view = node.view
                return view.claims[replicas[0].key]?.node == "b" && view.claims[replicas[1].key]?.node == "a"
                    && view.claims[replicas[2].key]?.node == "a" && view.claims[address.key]?.node == "a"
                    && view.endpoints["n"]?.count == 1 && view.rollout["x"]?.json == .int(49)
            }
        }
        await client.close()
        again.stop()
    }

    @Test("a cluster that was made anew is read anew", .timeLimit(.minutes(1)))
    func replaced() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let a = try RunningSession(cluster.node("a"))
        try await a.awaitConnection()
        let client = try cluster.client()
        for number in 0..<50 { try await client.put("/reconcile/main/rollout/x", Array("\(number)".utf8)) }
        try await eventually("known") { a.view.rollout["x"]?.json == .int(49) }
        cluster.kill(0)
        try await sh("rm -rf \(cluster.directory)/m0")
        try cluster.start(0)
        try await eventually("read anew", within: .seconds(30)) {
            a.view.connection == .connected && a.view.rollout.isEmpty && a.view.nodes.keys.sorted() == ["a"]
        }
        await client.close()
    }

    @Test("a revoked certificate, a stranger's, and an etcd that is not ours: each is named", .timeLimit(.minutes(1)))
    func certificates() async throws {
        let (cluster, other) = (try EtcdCluster(), try EtcdCluster())
        for cluster in [cluster, other] { try await cluster.ready() }
        let proxy = try cluster.proxy()
        let a = try RunningSession(cluster.node("a", endpoints: [cluster.proxied]), lease: 3)
        try await a.awaitConnection()
        #expect(try cluster.files.revoke(cluster.authority, "a", now: WallClock.now()) == 1)
        // Open connections stay; etcd looks at new ones.
        proxy.stop()
        try await a.awaitProblem(EtcdCode.unreachable)
        let again = try cluster.proxy()
        try await a.awaitProblem(EtcdCode.revoked)
        guard case .disconnected = a.view.connection else { throw Failure("\(a.view.connection)") }
        again.stop()

        let stranger = try other.files.issueClient(other.authority, "x", now: WallClock.now(), lifetime: 900)
        let own = try cluster.files.issueClient(cluster.authority, "x", now: WallClock.now(), lifetime: 900)
        func code(_ endpoint: EtcdEndpoint, _ identity: EtcdIdentity) async -> String? {
            let client = EtcdClient(endpoints: [endpoint], identity: identity)
            defer { Task { await client.close() } }
            do throws(Diagnostic) {
                _ = try await client.get("x")
                return nil
            } catch { return error.code }
        }
        #expect(await code(cluster.members[0], own) == nil)
        #expect(await code(other.members[0], own) == EtcdCode.certificate)
        var mixed = stranger
        mixed.authority = own.authority
        #expect(await code(cluster.members[0], mixed) == EtcdCode.refused)
        let expired = try cluster.files.issueClient(
            cluster.authority, "y", now: WallClock.now() - 7200, lifetime: 60)
        #expect(await code(cluster.members[0], expired) == EtcdCode.refused)
        #expect(await code(EtcdEndpoint(host: "127.1.250.1"), own) == EtcdCode.unreachable)
        // The address is not in the certificate, though the authority is right.
        let forward = try RunningProcess(
            ["socat", "TCP-LISTEN:2379,bind=127.1.251.1,fork,reuseaddr", "TCP:\(cluster.members[0])"],
            log: cluster.directory + "/forward.log")
        try await Task.sleep(for: .milliseconds(500))
        #expect(await code(EtcdEndpoint(host: "127.1.251.1"), own) == EtcdCode.certificate)
        forward.stop()
    }

    @Test("clocks that are half an hour apart harm nobody", .timeLimit(.minutes(1)), arguments: [-1800, 1800])
    func clocks(ahead: Int64) async throws {
        // Times are told to others in certificates alone: those of this fleet are of an authority whose clock is wrong.
        let cluster = try EtcdCluster(authorityTime: WallClock.now() + ahead)
        try await cluster.ready()
        let directory = FleetDirectory(dataDirectory: cluster.directory + "/skewed")
        let identity = try cluster.files.issueClient(
            cluster.authority, "a", now: WallClock.now() + ahead, lifetime: 86400)
        try directory.create(fleet: "main", node: "a", endpoints: cluster.members) { (_) in identity }
        let a = try RunningSession(directory, lease: 2)
        try await a.awaitConnection()
        #expect(try await a.session.claim([ClaimRequest(.turn(0), holder: "x")])[0].isTaken)
        try await Task.sleep(for: .seconds(4))
        #expect(a.view.nodes["a"] != nil && a.view.claims[.turn(0)] != nil)
    }

    @Test("another machine with the same bundle does not become the node", .timeLimit(.minutes(1)))
    func sameName() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let home = try cluster.node("a")
        let a = try RunningSession(home, lease: 2)
        try await a.awaitConnection()
        let copy = FleetDirectory(dataDirectory: cluster.directory + "/copy")
        let membership = try home.read()
        try copy.create(fleet: "main", node: "a", endpoints: cluster.members) { (_) in membership.identity }
        let second = try RunningSession(copy, lease: 2)
        try await second.awaitProblem("fleet-name-taken")
        #expect(second.view.connection != .connected && a.view.connection == .connected)
        // Once the first one is dead the name is free.
        await a.stop()
        try await second.awaitConnection()
    }

    @Test(
        "certificates are renewed while the authority's agent runs, and only for nodes that are not revoked",
        .timeLimit(.minutes(1)))
    func renewal() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        // The session of the node where the authority is.
        let operatorDirectory = FleetDirectory(dataDirectory: cluster.directory + "/operator")
        let a = try RunningSession(cluster.node("a", lifetime: 9))
        await a.session.publish(FleetPublication(node: NodeEntry(name: "", health: .ready)))
        try await a.awaitConnection()
        let before = try CertificateFacts(pem: cluster.directoryOf("a").read().identity.certificate)
        let identity = try cluster.files.issueClient(cluster.authority, "root", now: WallClock.now(), lifetime: 900)
        try cluster.adoptOperator("root", identity)
        let root = try RunningSession(operatorDirectory)
        try await root.awaitConnection()
        try await eventually("renewed", within: .seconds(20)) {
            let now = try CertificateFacts(pem: cluster.directoryOf("a").read().identity.certificate)
            return now.serial != before.serial && now.publicKey == before.publicKey
        }
        try await Task.sleep(for: .seconds(8))
        #expect(WallClock.now() > before.ends, "the first one is over")
        try await a.awaitConnection()
        #expect(a.view.nodes["a"]?.certificateEnds ?? 0 > before.ends)
        // A certificate that somebody else puts there is not taken.
        let forged = try Authority.make(fleet: "main", now: WallClock.now()).issueClient("a", now: WallClock.now())
        let value: JSONValue = ["certificate": .string(forged.certificate)]
        let client = try cluster.client()
        _ = try cluster.files.revoke(cluster.authority, "a", now: WallClock.now())
        try await client.put("/reconcile/main/renewals/a", Array(value.text().utf8))
        try await Task.sleep(for: .seconds(7))
        let last = try CertificateFacts(pem: cluster.directoryOf("a").read().identity.certificate)
        #expect(try CertificateFacts(pem: forged.certificate).serial != last.serial)
        #expect(last.ends < WallClock.now() + 9)
        await client.close()
    }

    @Test("a node that leaves is gone at once, and its session ends", .timeLimit(.minutes(1)))
    func leave() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let (a, b) = (try RunningSession(cluster.node("a")), try RunningSession(cluster.node("b")))
        for node in [a, b] { try await node.awaitConnection() }
        let address = ClaimRequest(.address(network: "n", IPAddress("10.9.0.1")!), holder: "container/c")
        #expect(try await a.session.claim([address])[0].isTaken)
        let directory = cluster.directoryOf("a")
        let control = FleetControl(try directory.read())
        try directory.remove()
        #expect(try await control.remove("a").map(\.key) == [address.key])
        await control.close()
        try await eventually("gone") { b.view.nodes["a"] == nil && b.view.claims.isEmpty }
        try await eventually("left") { a.view.connection == .left }
        try await Task.sleep(for: .seconds(1))
        #expect(b.view.nodes["a"] == nil)
    }
}
