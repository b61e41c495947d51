import Model
import Synchronization
import Testing

@testable import Fleet

@Suite("etcd's client", .serialized, .kernel)
struct EtcdClientTests {
    /// What a watch has told so far.
    private final class Told: Sendable {
        private let changes = Mutex<[EtcdWatchBatch.Change]>([])
        var count: Int { changes.withLock(\.count) }
        func add(_ batch: EtcdWatchBatch) { changes.withLock { $0 += batch.changes } }
    }

    @Test("lists in pages at one revision, and takes what is larger than a message in pieces", .timeLimit(.minutes(5)))
    func large() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let client = try cluster.client()
        let first = try await client.list("/big/").revision
        let block = [UInt8](repeating: 0x41, count: 900_000)
        for number in 0..<10 { try await client.put("/big/\(number)", block) }
        try await client.put("/bigger", [])
        let listing = try await client.list("/big/", page: 3)
        #expect(listing.items.map(\.key) == (0..<10).map { "/big/\($0)" })
        let told = Told()
        let watch = Task { try await client.watch("/big/", from: first + 1) { told.add($0) } }
        try await eventually("ten changes") { told.count == 10 }
        try await client.delete("/big/3")
        try await eventually("eleven changes") { told.count == 11 }
        watch.cancel()
        await client.close()
    }

    @Test("a compacted revision is told as such, a transaction is all or nothing", .timeLimit(.minutes(5)))
    func compaction() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let client = try cluster.client()
        for number in 0..<5 { try await client.put("/k", [UInt8(number)]) }
        let revision = try await client.list("/k").revision
        _ = try await cluster.etcdctl("compact \(revision)")
        await #expect(throws: Diagnostic.self) {
            do throws(Diagnostic) { try await client.watch("/k", from: 2) { _ in } } catch {
                #expect(error.code == EtcdCode.compacted)
                throw error
            }
        }
        let both = EtcdTransaction(
            [.absent("/a"), .unchanged("/k", since: 1)], then: [.put("/a", [1], lease: 0)], otherwise: [.get("/k")])
        let outcome = try await client.commit(both)
        #expect(!outcome.succeeded && outcome.found.first??.modRevision == revision)
        #expect(try await client.get("/a") == nil)
        let lease = try await client.grantLease(seconds: 30)
        try await client.put("/a", [1], lease: lease)
        #expect(try await client.commit(EtcdTransaction([.leased("/a", lease)], then: [])).succeeded)
        #expect(try await client.renewLease(lease))
        try await client.revokeLease(lease)
        try await client.revokeLease(lease)
        #expect(try await client.get("/a") == nil)
        #expect(try await !client.renewLease(lease))
        await client.close()
    }

    @Test("finds etcd by name and over IPv6, and goes past members that are dead", .timeLimit(.minutes(5)))
    func names() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let target = "TCP:\(cluster.members[0])"
        let forwards = try [
            RunningProcess(
                ["socat", "TCP4-LISTEN:24001,bind=127.0.0.1,fork,reuseaddr", target], log: cluster.directory + "/f4"),
            RunningProcess(
                ["socat", "TCP6-LISTEN:24002,bind=[::1],fork,reuseaddr", target], log: cluster.directory + "/f6"),
        ]
        let identity = try cluster.files.issueClient(cluster.authority, "x", now: WallClock.now(), lifetime: 900)
        let dead = EtcdEndpoint(host: "127.1.249.1")
        for text in ["localhost:24001", "[::1]:24002"] {
            let client = EtcdClient(endpoints: [dead, dead, EtcdEndpoint(text)!], identity: identity)
            try await eventually(text) {
                do throws(Diagnostic) {
                    _ = try await client.get("x")
                    return true
                } catch { return false }
            }
            #expect(await client.member == EtcdEndpoint(text))
            await client.close()
        }
        for forward in forwards { forward.stop() }
    }
}
