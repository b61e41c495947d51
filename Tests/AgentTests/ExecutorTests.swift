import Model
import Planning
import Synchronization
import Testing

@testable import Agent

@Suite struct ExecutorTests {
    private func words(_ results: [OperationResult]) -> [String] {
        results.map { result in
            switch result {
            case .done: "done"
            case .failed(let diagnostic): diagnostic.code
            case .skipped(let id): "skipped: \(id.name)"
            case .undone: "undone"
            }
        }
    }

    @Test func nothingToDo() async {
        #expect(await Executor(handlers: []).run([]).isEmpty)
    }

    @Test func whatIsReadyGoesInOneBatch() async {
        let handler = RecordingHandler([.link])
        let changes = (0..<100).map { creation(.link("l\($0)")) }
        let results = await Executor(handlers: [handler]).run(changes)
        #expect(handler.batches.map(\.count) == [100] && words(results).allSatisfy { $0 == "done" })
        #expect(handler.batches[0] == changes.map(\.id.name))
    }

    /// What is under way is finished; nothing more is begun.
    @Test func aStopLeavesTheRest() async {
        let isStopped = Atomic(false)
        let links = RecordingHandler([.link], gate: { isStopped.store(true, ordering: .relaxed) })
        let sysctls = RecordingHandler([.sysctl])
        let reported = Mutex<[Int]>([])
        let executor = Executor(
            handlers: [links, sysctls], shouldStop: { isStopped.load(ordering: .relaxed) },
            report: { index, _ in reported.withLock { $0.append(index) } })
        let results = await executor.run([
            creation(.link("a")), creation(.sysctl("s"), after: [0]), creation(.link("b")),
        ])
        #expect(words(results) == ["done", "skipped: s", "done"])
        #expect(sysctls.batches.isEmpty && reported.withLock { $0 } == [0, 2])
    }

    @Test func prerequisitesComeFirst() async {
        let links = RecordingHandler([.link])
        let sysctls = RecordingHandler([.sysctl])
        let changes = [
            creation(.sysctl("s"), after: [2]), creation(.link("a")), creation(.link("b"), after: [1]),
            creation(.link("c"), after: [0, 1]),
        ]
        let results = await Executor(handlers: [links, sysctls]).run(changes)
        #expect(links.batches == [["a"], ["b"], ["c"]] && sysctls.batches == [["s"]])
        #expect(words(results) == ["done", "done", "done", "done"])
    }

    /// Each of two handlers waits until the other has begun: one after the other would never end.
    @Test(.timeLimit(.minutes(10))) func independentHandlersRunSideBySide() async {
        let both = Rendezvous(2)
        let links = RecordingHandler([.link], gate: { await both.arrive() })
        let sysctls = RecordingHandler([.sysctl], gate: { await both.arrive() })
        let results = await Executor(handlers: [links, sysctls]).run([creation(.link("a")), creation(.sysctl("s"))])
        #expect(words(results) == ["done", "done"])
    }

    /// A batch that is under way does not hold up what became ready meanwhile, of the same handler too.
    @Test(.timeLimit(.minutes(10))) func batchesOfOneHandlerOverlap() async {
        let both = Rendezvous(2)
        let processes = RecordingHandler([.process], gate: { await both.arrive() })
        let sysctls = RecordingHandler([.sysctl])
        let changes = [creation(.process("a")), creation(.sysctl("s")), creation(.process("b"), after: [1])]
        let results = await Executor(handlers: [processes, sysctls]).run(changes)
        #expect(words(results) == ["done", "done", "done"] && processes.batches == [["a"], ["b"]])
    }

    @Test func whatDependsOnAFailureIsSkippedAndTheRestGoesOn() async {
        let handler = RecordingHandler([.link], failing: ["a"])
        let changes = [
            creation(.link("a")), creation(.link("b"), after: [0]), creation(.link("c"), after: [1]),
            creation(.link("d")), creation(.link("e"), after: [3]), creation(.link("f"), after: [2, 4]),
        ]
        let results = await Executor(handlers: [handler]).run(changes)
        #expect(words(results) == ["refused", "skipped: a", "skipped: b", "done", "done", "skipped: c"])
        #expect(handler.batches == [["a", "d"], ["e"]])
    }

    @Test func everyChangeIsReportedOnceAndAfterItsPrerequisites() async {
        let handler = RecordingHandler([.link], failing: ["l3"])
        let changes = (0..<20).map { creation(.link("l\($0)"), after: $0 == 0 ? [] : [$0 / 2]) }
        let seen = Mutex<[Int]>([])
        let begun = Mutex<[Int]>([])
        _ = await Executor(
            handlers: [handler], begins: { index in begun.withLock { $0.append(index) } },
            report: { index, _ in seen.withLock { $0.append(index) } }
        ).run(changes)
        let order = seen.withLock { $0 }
        #expect(order.sorted() == Array(changes.indices))
        for (index, change) in changes.enumerated() {
            for other in change.dependsOn {
                #expect(order.firstIndex(of: other) ?? 99 < order.firstIndex(of: index) ?? -1)
            }
        }
        // What was skipped was never begun.
        #expect(begun.withLock { Set($0) } == Set(handler.batches.joined().compactMap { Int($0.dropFirst()) }))
    }
}
