import Model
import Testing

@testable import Fleet

@Suite("Claims in a real etcd", .serialized, .kernel)
struct ClaimTests {
    private func address(_ number: Int) -> IPAddress { IPAddress(v4: 0x0a09_0000 + UInt32(number)) }

    @Test(
        "two nodes want the same 1,000 addresses and replicas at the same moment: never both", .timeLimit(.minutes(5)))
    func race() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let nodes = try ["a", "b"].map { try RunningSession(cluster.node($0)) }
        for node in nodes { try await node.awaitConnection() }
        var won = [0, 0]
        for number in 0..<1000 {
            let key: ClaimKey =
                number % 2 == 0 ? .address(network: "overnet", address(number)) : .replica(service: "web", number)
            let request = [ClaimRequest(key, holder: "container/web")]
            async let first = nodes[0].session.claim(request)
            async let second = nodes[1].session.claim(request)
            let outcomes = try await [first[0], second[0]]
            #expect(outcomes.count(where: \.isTaken) == 1, "\(key): \(outcomes)")
            won[outcomes[0].isTaken ? 0 : 1] += 1
        }
        #expect(won[0] + won[1] == 1000 && won.allSatisfy { $0 > 0 }, "\(won)")
        try await eventually("both know of all") { nodes.allSatisfy { $0.view.claims.count == 1000 } }
        #expect(nodes[0].view.own.count == won[0] && nodes[1].view.own.count == won[1])
    }

    @Test("many at once: what is free is taken, what is held is told", .timeLimit(.minutes(5)))
    func many() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let (a, b) = (try RunningSession(cluster.node("a")), try RunningSession(cluster.node("b")))
        for node in [a, b] { try await node.awaitConnection() }
        func requests(_ numbers: Range<Int>) -> [ClaimRequest] {
            numbers.map { ClaimRequest(.address(network: "overnet", address($0)), holder: "container/c\($0)") }
        }
        #expect(try await a.session.claim(requests(0..<300)).allSatisfy { $0.isTaken })
        // Again: what is held already for the same is taken.
        #expect(try await a.session.claim(requests(0..<300)).allSatisfy { $0.isTaken })
        let others = try await b.session.claim(requests(290..<310))
        #expect(others.map(\.isTaken) == Array(repeating: false, count: 10) + Array(repeating: true, count: 10))
        guard case .held(let claim) = others[0] else { throw Failure("\(others[0])") }
        #expect(claim.node == "a" && claim.holder == "container/c290")
        // What is not one's own is not released; what a dead node left is taken over as it was seen.
        try await b.session.release([claim.key])
        #expect(try await b.session.claim(requests(290..<291))[0] == .held(by: claim))
        let over = ClaimRequest(claim.key, holder: "container/c290", replacing: claim)
        #expect(try await b.session.claim([over])[0].isTaken)
        #expect(try await !a.session.claim([over])[0].isTaken, "it is not any more as it was seen")
        try await a.session.release(requests(0..<290).map(\.key))
        try await eventually("released") { b.view.claims.count == 20 }
    }

    @Test("a network has one VNI for all nodes, and no two networks the same", .timeLimit(.minutes(5)))
    func networks() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let (a, b) = (try RunningSession(cluster.node("a")), try RunningSession(cluster.node("b")))
        for node in [a, b] { try await node.awaitConnection() }
        for number in 0..<50 {
            async let first = a.session.claimNetwork("net\(number)", candidates: [4096 + UInt32(number), 9000])
            async let second = b.session.claimNetwork("net\(number)", candidates: [8096 + UInt32(number), 9000])
            let answers = try await [first, second]
            let vni = try #require(answers[0])
            #expect(vni == answers[1], "\(number): \(answers)")
            #expect(try await a.session.claimNetwork("other\(number)", candidates: [vni]) == nil, "it is taken")
        }
        let request = ClaimRequest(.address(network: "net0", address(1)), holder: "container/x")
        _ = try await a.session.claim([request])
        #expect(try await !b.session.releaseNetwork("net0"), "an address of it is claimed")
        try await a.session.release([request.key])
        #expect(try await b.session.releaseNetwork("net0"))
        #expect(try await a.session.releaseNetwork("net0"), "that it is gone is success")
        try await eventually("gone") { a.view.claims[.network("net0")] == nil }
    }
}
