import Model
import Synchronization
import Testing

@testable import Fleet

@Suite("Questions in a real etcd", .serialized, .kernel)
struct AskTests {
    /// Answers all questions to a session with what they are about, until the test is over.
    private final class Echo: Sendable {
        private let task: Task<Void, Never>
        private let list: Heard
        var ids: [String] { list.ids }
        /// Whether all was said that there is to say to a question.
        var isDone: Bool { list.isDone }

        init(_ running: RunningSession, _ node: String) {
            let (session, heard) = (running.session, Heard())
            list = heard
            task = Task {
                for await _ in session.questions.news {
                    for question in session.questions.questions(for: node, set: "default") where heard.add(question.id)
                    {
                        do throws(Diagnostic) {
                            let body = try await session.body(of: question)
                            try await session.answer(
                                question, ["from": .string(node), "body": body], stream: "s", number: 0, place: "0",
                                isLast: false)
                            for number in 1...20 {
                                try await session.answer(
                                    question, ["number": .int(Int64(number))], stream: "s", number: number,
                                    place: "live", isLast: number == 20)
                            }
                            heard.end()
                        } catch {}
                    }
                }
            }
        }

        deinit { task.cancel() }

        final class Heard: Sendable {
            private let seen = Mutex<[String]>([])
            private let ended = Mutex(false)
            var ids: [String] { seen.withLock { $0 } }
            var isDone: Bool { ended.withLock { $0 } }
            func end() { ended.withLock { $0 = true } }
            func add(_ id: String) -> Bool {
                seen.withLock { seen in
                    guard !seen.contains(id) else { return false }
                    seen.append(id)
                    return true
                }
            }
        }
    }

    /// What was answered, in its order.
    private final class Answers: Sendable {
        private let answers = Mutex<[Answer]>([])
        var all: [Answer] { answers.withLock { $0 } }
        func add(_ answer: Answer) { answers.withLock { $0.append(answer) } }
    }

    private func left(_ cluster: EtcdCluster) async throws -> [String] {
        let client = try cluster.client()
        var keys: [String] = []
        for prefix in ["asks/", "answers/"] {
            keys += try await client.list("/reconcile/main/" + prefix).items.map(\.key)
        }
        await client.close()
        return keys
    }

    @Test(
        "members answer what is large, whoever is not asked is silent, and no view is another one for it",
        .timeLimit(.minutes(5)))
    func answers() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let nodes = try ["a", "b", "c"].map { try RunningSession(cluster.node($0)) }
        for node in nodes { try await node.awaitConnection() }
        let echoes = zip(nodes, ["a", "b", "c"]).map { Echo($0, $1) }
        try await eventually("all know of all") {
            nodes.allSatisfy { $0.view.nodes.count == 3 && $0.view.revision == nodes[0].view.revision }
        }
        let revision = nodes[0].view.revision
        nodes[0].session.wake.drain()
        let asker = FleetAsker(try cluster.directoryOf("a").read())
        let body = JSONValue.array((0..<150_000).map { .int(Int64(truncatingIfNeeded: $0 &* 0x9e37_79b9_7f4a_7c15)) })
        let answers = try await asker.collect(
            "echo", set: "default", of: ["a", "b", "missing"], body, within: .seconds(30))
        #expect(answers.keys.sorted() == ["a", "b"])
        for node in ["a", "b"] { #expect(try answers[node]?.get() == ["from": .string(node), "body": body]) }
        #expect(echoes[2].ids.isEmpty && echoes[0].ids.count == 1)
        #expect(try await left(cluster) == [])
        #expect(nodes[0].view.revision == revision, "questions are no news of the fleet")
        let other = try await asker.collect("echo", set: "other", of: ["a"], [:], within: .seconds(1))
        #expect(other.isEmpty && echoes[0].ids.count == 1)
        let large = JSONValue.string(String(repeating: "x", count: Parcel.questionLimit))
        await #expect(throws: Diagnostic.self) {
            try await asker.collect("echo", set: "default", of: ["a"], large, within: .seconds(20))
        }
        await asker.close()
    }

    @Test(
        "what is told for long is heard in order, whatever etcd forgets, and ends with who asked",
        .timeLimit(.minutes(5)))
    func follow() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let node = try RunningSession(cluster.node("a"))
        try await node.awaitConnection()
        let echo = Echo(node, "a")
        var proxy = try await cluster.proxy()
        let home = try cluster.node("asker", endpoints: [cluster.proxied])
        let (asker, answers) = (FleetAsker(try home.read()), Answers())
        let task = Task {
            try await asker.ask("echo", set: "default", of: nil, ["x": 1]) { answer in
                answers.add(answer)
                return true
            }
        }
        try await eventually("all is heard") { answers.all.last?.isLast == true }
        #expect(answers.all.map(\.number) == Array(0...20))
        let keys = try await left(cluster)
        #expect(keys.count == 4, "a question, what it is about, and two places of answers: \(keys)")
        // A node that comes later answers as well.
        let late = try RunningSession(cluster.node("b"))
        let second = Echo(late, "b")
        try await eventually("the later one is heard") { answers.all.contains { $0.node == "b" && $0.isLast } }
        let third = try RunningSession(cluster.node("c"))
        try await third.awaitConnection()
        let client = try cluster.client()
        let lease = try #require(try await client.list("/reconcile/main/asks/").items.first?.lease)
        // The question outlives the cut, however slow this machine is.
        let keeping = Task { try await client.keepLease(lease, every: .milliseconds(500)) }
        // Cut off for less than the question lives, and what was said meanwhile is compacted: the last word is heard.
        proxy.stop()
        let echoThird = Echo(third, "c")
        try await eventually("c has answered") { echoThird.isDone }
        _ = try await cluster.etcdctl("compact \(try await client.list("/none").revision)")
        proxy = try await cluster.proxy()
        try await eventually("who came meanwhile is heard") { answers.all.contains { $0.node == "c" && $0.isLast } }
        keeping.cancel()
        await client.close()
        #expect(answers.all.filter { $0.node == "c" }.map(\.number) == [0, 20])
        #expect(echo.ids.count == 1 && second.ids.count == 1 && echoThird.ids.count == 1)
        task.cancel()
        try await task.value
        #expect(try await left(cluster) == [])
        await asker.close()
        proxy.stop()
    }

    @Test("where etcd was away for too long, whoever asked is told", .timeLimit(.minutes(5)))
    func lost() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        _ = try cluster.node("a")
        let asker = FleetAsker(try cluster.directoryOf("a").read())
        let task = Task { try await asker.ask("echo", set: "default", of: nil, [:]) { _ in true } }
        try await eventually("it stands") { try await left(cluster).count == 2 }
        let lease = try await cluster.etcdctl("lease list").split(separator: "\n").last.map(String.init)
        _ = try await cluster.etcdctl("lease revoke \(try #require(lease))")
        await #expect {
            try await task.value
        } throws: { ($0 as? Diagnostic)?.code == "question-lost" }
        await asker.close()
    }

    @Test("who comes and goes is told", .timeLimit(.minutes(5)))
    func presence() async throws {
        let cluster = try EtcdCluster()
        try await cluster.ready()
        let a = try RunningSession(cluster.node("a"), lease: 30)
        try await a.awaitConnection()
        let asker = FleetAsker(try cluster.directoryOf("a").read())
        let told = Mutexed<[Set<String>]>([])
        let task = Task { await asker.presence { names in told.value.withLock { $0.append(names) } } }
        try await eventually("a is there") { told.value.withLock { $0 } == [["a"]] }
        let b = try RunningSession(cluster.node("b"), lease: 8)
        try await b.awaitConnection()
        try await eventually("b comes") { told.value.withLock { $0.last } == ["a", "b"] }
        await b.stop()
        try await eventually("b goes") { told.value.withLock { $0.last } == ["a"] }
        #expect(told.value.withLock { $0.count } == 3)
        task.cancel()
        await task.value
        await asker.close()
    }

    /// A value that several tasks change.
    private final class Mutexed<Value: Sendable>: Sendable {
        let value: Mutex<Value>
        init(_ value: sending Value) { self.value = Mutex(value) }
    }
}
