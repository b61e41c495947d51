import Glibc
import Model
import Testing

@testable import Fleet

@Suite("Certificates and a real etcd", .serialized, .kernel)
struct IdentityTests {
    @Test("a revoked certificate, a stranger's, and an etcd that is not ours: each is named", .timeLimit(.minutes(5)))
    func certificates() async throws {
        let (cluster, other) = (try EtcdCluster(), try EtcdCluster())
        for cluster in [cluster, other] { try await cluster.ready() }
        let proxy = try await cluster.proxy()
        let a = try RunningSession(cluster.node("a", endpoints: [cluster.proxied]), lease: 3)
        try await a.awaitConnection()
        #expect(try cluster.files.revoke(cluster.authority, "a", now: WallClock.now()) == 1)
        // Open connections stay; etcd looks at new ones.
        proxy.stop()
        try await a.awaitProblem(EtcdCode.unreachable)
        let again = try await cluster.proxy()
        try await a.awaitProblem(EtcdCode.revoked)
        guard case .disconnected = a.view.connection else { throw Failure("\(a.view.connection)") }
        again.stop()

        let stranger = try other.files.issueClient(other.authority, "x", now: WallClock.now(), lifetime: 900)
        let own = try cluster.files.issueClient(cluster.authority, "x", now: WallClock.now(), lifetime: 900)
        func code(_ endpoint: EtcdEndpoint, _ identity: EtcdIdentity) async -> String? {
            let client = EtcdClient(endpoints: [endpoint], identity: identity, patience: .seconds(6))
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
        let forward = try await cluster.forward("127.1.251.1")
        #expect(await code(EtcdEndpoint(host: "127.1.251.1"), own) == EtcdCode.certificate)
        forward.stop()
    }

    @Test("clocks that are half an hour apart harm nobody", .timeLimit(.minutes(5)), arguments: [-1800, 1800])
    func clocks(ahead: Int64) async throws {
        // Times are told to others in certificates alone: those of this fleet are of an authority whose clock is wrong.
        let cluster = try EtcdCluster(authorityTime: WallClock.now() + ahead)
        try await cluster.ready()
        let directory = FleetDirectory(dataDirectory: cluster.directory + "/skewed")
        let identity = try cluster.files.issueClient(
            cluster.authority, "a", now: WallClock.now() + ahead, lifetime: 86400)
        try directory.create(fleet: "main", node: "a", endpoints: cluster.members) { (_) in identity }
        let a = try RunningSession(directory, lease: 12)
        try await a.awaitConnection()
        guard case .taken(let claim) = try await a.session.claim([ClaimRequest(.turn(0), holder: "x")])[0] else {
            throw Failure("not taken")
        }
        // Longer than the lease lives by itself.
        try await Task.sleep(for: .seconds(15))
        #expect(a.view.nodes["a"]?.lease == claim.lease && a.view.claims[.turn(0)] == claim)
    }

    @Test(
        "certificates are renewed while the authority's agent runs, and only for nodes that are not revoked",
        .timeLimit(.minutes(5)))
    func renewal() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        // The session of the node where the authority is.
        let operatorDirectory = FleetDirectory(dataDirectory: cluster.directory + "/operator")
        let lifetime: Int64 = 20
        let a = try RunningSession(cluster.node("a", lifetime: lifetime))
        await a.session.publish(FleetPublication(node: NodeEntry(name: "", health: .ready)))
        try await a.awaitConnection()
        let before = try CertificateFacts(pem: cluster.directoryOf("a").read().identity.certificate)
        let identity = try cluster.files.issueClient(cluster.authority, "root", now: WallClock.now(), lifetime: 900)
        try cluster.adoptOperator("root", identity)
        let root = try RunningSession(operatorDirectory)
        try await root.awaitConnection()
        try await eventually("renewed") {
            let now = try CertificateFacts(pem: cluster.directoryOf("a").read().identity.certificate)
            return now.serial != before.serial && now.publicKey == before.publicKey
        }
        try await eventually("the first one is over") { WallClock.now() > before.ends }
        try await a.awaitConnection()
        #expect(a.view.nodes["a"]?.certificateEnds ?? 0 > before.ends)
        // A certificate that somebody else puts there is not taken.
        let forged = try Authority.make(fleet: "main", now: WallClock.now()).issueClient("a", now: WallClock.now())
        let value: JSONValue = ["certificate": .string(forged.certificate)]
        let client = try cluster.client()
        _ = try cluster.files.revoke(cluster.authority, "a", now: WallClock.now())
        let revoked = WallClock.now()
        try await client.put("/reconcile/main/renewals/a", Array(value.text().utf8))
        // Longer than two thirds of a certificate's life, when another one would be taken.
        try await Task.sleep(for: .seconds(lifetime * 2 / 3 + 2))
        let last = try CertificateFacts(pem: cluster.directoryOf("a").read().identity.certificate)
        #expect(try CertificateFacts(pem: forged.certificate).serial != last.serial)
        #expect(last.ends <= revoked + lifetime, "it is from before")
        await client.close()
    }
}
