import Model
import Testing

@testable import Fleet

@Suite("Questions that stand in etcd")
struct QuestionTests {
    private let keys = FleetKeys(fleet: "main")

    private func question(_ id: String, nodes: [String]? = nil, set: String = "default") -> Question {
        Question(id: id, kind: "plan", set: set, nodes: nodes, asker: "n1", pieces: 1, size: 9, lease: 5)
    }

    private func item(_ question: Question, lease: Int64 = 5, revision: Int64 = 1) -> EtcdKeyValue {
        EtcdKeyValue(
            key: keys.question(question.id), value: Array(question.json.text().utf8), modRevision: revision,
            lease: lease)
    }

    @Test("is read back; one that would not end by itself, or is none, is left alone")
    func values() {
        let question = question("a1", nodes: ["n2", "n3"])
        #expect(Question("a1", item(question)) == question)
        #expect(Question("a1", item(question, lease: 0)) == nil)
        #expect(Question(String(repeating: "a", count: 65), item(question)) == nil)
        for text in ["", "{}", "[1]", #"{"kind":"plan","set":"default","pieces":1e40,"size":1}"#] {
            let item = EtcdKeyValue(key: "", value: Array(text.utf8), modRevision: 1, lease: 5)
            #expect(Question("a", item) == nil, "\(text)")
        }
        #expect(question.isFor("n2", set: "default") && !question.isFor("n1", set: "default"))
        #expect(!question.isFor("n2", set: "other") && self.question("b").isFor("n9", set: "default"))
    }

    @Test("members follow all keys but those of answers")
    func order() {
        let endpoint = EndpointEntry(
            network: "a", node: "a", container: "a", addresses: [], mac: MACAddress(bits: 2))
        let claims: [ClaimKey] = [
            .address(network: "a", IPAddress("10.0.0.1")!), .network("a"), .vni(1), .replica(service: "a", 1), .turn(0),
            .update(service: "a", 1),
        ]
        let all =
            claims.map { keys.claim($0) }
            + [keys.node("a"), keys.endpoint(endpoint), keys.renewal("a"), keys.rollout("a"), keys.question("0")]
        for key in all { #expect(key >= keys.followed, "\(key)") }
        for key in [keys.body("zz", 0), keys.answer("zz", "n1", "live", 0)] {
            #expect(key < keys.followed && key.hasPrefix(keys.answers("zz")), "\(key)")
            #expect(keys.meaning(key) == nil && keys.question(of: key) == nil)
        }
        #expect(keys.answerer(of: keys.answer("zz", "n1", "live", 0), "zz") == "n1")
        #expect(keys.answerer(of: keys.body("zz", 0), "zz") == nil)
        #expect(keys.answerer(of: keys.answer("zz", "n1", "live", 0), "z") == nil)
    }

    @Test("the board has what stands; a question is no change of the view")
    func board() {
        let board = QuestionBoard()
        let (one, two) = (question("a"), question("b", nodes: ["n2"]))
        board.load([item(one), item(question("c", set: "other"))], keys)
        #expect(board.questions(for: "n1", set: "default") == [one])
        let node = EtcdWatchBatch.Change.deleted(keys.node("x"), revision: 3)
        let rest = board.take(
            EtcdWatchBatch(
                changes: [.put(item(two)), node, .deleted(keys.question("a"), revision: 3)], revision: 3), keys)
        #expect(rest.changes == [node] && rest.revision == 3)
        #expect(board.questions(for: "n1", set: "default") == [])
        #expect(board.questions(for: "n2", set: "default") == [two])
        var view = FleetView(fleet: "main", node: "n1")
        let only = board.take(EtcdWatchBatch(changes: [.put(item(one, revision: 4))], revision: 4), keys)
        #expect(!view.apply(only, keys) && view.revision == 4 && view.recent.isEmpty)
        // Whoever puts more than can be looked at is not heard.
        let many = (0..<200).map { item(question("m\($0)")) }
        board.load(many, keys)
        #expect(board.questions(for: "n1", set: "default").count == QuestionBoard.limit)
    }
}
