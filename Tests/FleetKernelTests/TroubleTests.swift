import Glibc
import Model
import Testing

@testable import Fleet

@Suite("What goes wrong with a real etcd", .serialized, .kernel)
struct TroubleTests {
    @Test("a full etcd: said so, read on, and well again when there is room", .timeLimit(.minutes(5)))
    func full() async throws {
        let cluster = try EtcdCluster(options: ["--quota-backend-bytes=2097152"])
        try await cluster.ready()
        let (a, b) = (try RunningSession(cluster.node("a"), lease: 8), try RunningSession(cluster.node("b"), lease: 8))
        for node in [a, b] { try await node.awaitConnection() }
        try await eventually("a knows b") { a.view.nodes.count == 2 }
        let client = try cluster.client()
        let block = [UInt8](repeating: 0x41, count: 400_000)
        var filled: Diagnostic?
        // etcd notices with its next commit to the disk, of which there are ten a second.
        for _ in 0..<100 where filled == nil {
            do throws(Diagnostic) { try await client.put("/filler", block) } catch {
                // A busy machine's etcd may answer too late.
                if error.code == EtcdCode.full { filled = error }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(filled?.code == EtcdCode.full)
        await a.session.publish(FleetPublication(node: NodeEntry(name: "", revision: "r2", health: .ready)))
        try await a.awaitProblem(EtcdCode.full)
        #expect(a.view.connection == .connected && a.view.nodes.count == 2, "it can be read, and the lease is kept")
        await #expect(throws: Diagnostic.self) {
            try await a.session.claim([ClaimRequest(.replica(service: "web", 1), holder: "x")])
        }
        // Longer than the lease.
        try await Task.sleep(for: .seconds(9))
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
        .timeLimit(.minutes(5)))
    func partition() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let proxy = try await cluster.proxy()
        let a = try RunningSession(cluster.node("a", endpoints: [cluster.proxied]), lease: 5)
        let b = try RunningSession(cluster.node("b"), lease: 30)
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

        let again = try await cluster.proxy()
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

    @Test("a cluster that was made anew is read anew", .timeLimit(.minutes(5)))
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

    @Test("another machine with the same bundle does not become the node", .timeLimit(.minutes(5)))
    func sameName() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let home = try cluster.node("a")
        let a = try RunningSession(home, lease: 8)
        try await a.awaitConnection()
        let copy = FleetDirectory(dataDirectory: cluster.directory + "/copy")
        let membership = try home.read()
        try copy.create(fleet: "main", node: "a", endpoints: cluster.members) { (_) in membership.identity }
        let second = try RunningSession(copy, lease: 8)
        try await second.awaitProblem("fleet-name-taken")
        #expect(second.view.connection != .connected && a.view.connection == .connected)
        // What is known of the node is the other one's.
        #expect(second.view.isOutside && !a.view.isOutside && second.view.revision > 0)
        // Once the first one is dead the name is free.
        await a.stop()
        try await second.awaitConnection()
        #expect(!second.view.isOutside)
    }

    @Test("a node that leaves is gone at once, and its session ends", .timeLimit(.minutes(5)))
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
