import Model
import Planning
import Testing

@testable import Agent

/// A transactional handler's changes are committed together; serial passes go one by one.
@Suite struct TransactionTests {
    private func firewall(_ name: String) -> ObjectID { ObjectID(.firewall, name) }

    @Test func waitsForWhatItsLastChangeWaitsFor() async {
        let table = RecordingHandler([.firewall], isTransactional: true)
        let links = RecordingHandler([.link])
        let changes = [
            creation(firewall("a")), creation(.link("l")), creation(.link("m"), after: [1]),
            creation(firewall("b"), after: [2]),
        ]
        _ = await Executor(handlers: [table, links]).run(changes)
        #expect(table.batches == [["a", "b"]] && links.batches == [["l"], ["m"]])
    }

    /// Its own order within it is no reason to wait: the changes of later rounds go when their turn comes.
    @Test func doesNotWaitForWhatWaitsForIt() async {
        let table = RecordingHandler([.firewall], isTransactional: true)
        let sysctls = RecordingHandler([.sysctl])
        let changes = [
            creation(firewall("guard")), creation(.sysctl("s"), after: [0]), creation(firewall("late"), after: [1]),
        ]
        let results = await Executor(handlers: [table, sysctls]).run(changes)
        #expect(table.batches == [["guard"], ["late"]] && sysctls.batches == [["s"]])
        #expect(results.allSatisfy { if case .done = $0 { true } else { false } })
    }

    @Test func failuresElsewhereDoNotHoldItUp() async {
        let table = RecordingHandler([.firewall], isTransactional: true)
        let links = RecordingHandler([.link], failing: ["l"])
        let changes = [creation(firewall("a")), creation(.link("l")), creation(firewall("b"), after: [1])]
        let results = await Executor(handlers: [table, links]).run(changes)
        #expect(table.batches == [["a"]])
        guard case .skipped(let id) = results[2], id == .link("l") else {
            Issue.record("\(results[2])")
            return
        }
    }

    @Test func serialPassesTakeOneAtATime() async {
        let table = RecordingHandler([.firewall], isTransactional: true)
        let links = RecordingHandler([.link])
        let changes = [creation(firewall("a")), creation(.link("l")), creation(firewall("b")), creation(.link("m"))]
        let results = await Executor(handlers: [table, links], isSerial: true).run(changes)
        #expect(table.batches == [["a"], ["b"]] && links.batches == [["l"], ["m"]])
        #expect(results.count == 4)
    }

    /// Whatever the dependencies are, as long as they make no cycle, every change is settled.
    @Test(.timeLimit(.minutes(10))) func anyGraphIsCarriedOut() async {
        var state: UInt64 = 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<100 {
            let count = random(30) + 1
            let changes = (0..<count).map { index in
                let kinds: [ObjectKind] = [.firewall, .link, .sysctl]
                let before = (0..<random(4)).compactMap { _ in index == 0 ? nil : random(index) }
                return creation(ObjectID(kinds[random(3)], "o\(index)"), after: Set(before).sorted())
            }
            let handlers = [
                RecordingHandler([.firewall], isTransactional: true), RecordingHandler([.link], failing: ["o3"]),
                RecordingHandler([.sysctl]),
            ]
            for isSerial in [false, true] {
                let results = await Executor(handlers: handlers, isSerial: isSerial).run(changes)
                for (change, result) in zip(changes, results) {
                    let isFailed = change.dependsOn.contains { if case .done = results[$0] { false } else { true } }
                    if case .skipped = result {
                        #expect(isFailed)
                    } else {
                        #expect(!isFailed)
                    }
                }
            }
        }
    }
}
