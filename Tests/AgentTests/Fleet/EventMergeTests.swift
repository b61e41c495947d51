import Foundation
import Model
import Testing

@testable import Agent

@Suite struct EventMergeTests {
    private let start = ContinuousClock.now

    private func line(_ time: Int64, _ object: String = "o") -> String {
        JSONValue.object([.init("time", .string(Timestamp.text(time))), .init("object", .string(object))]).text()
    }

    private func times(_ events: [JSONValue]) -> [String] {
        events.map { "\($0["node"]?.string ?? "?")@\(Timestamp.milliseconds($0["time"]?.string ?? "") ?? -1)" }
    }

    @Test func eventsOfAllNodesAreInTheOrderOfTime() {
        var merge = EventMerge()
        #expect(!merge.hasHeard && merge.lastTime == nil)
        let first = EventBatch(first: 0, lines: [line(10), line(30), line(30, "p")])
        #expect(merge.take(first.json, of: "n2", stream: "a", at: start) == 0)
        #expect(
            merge.take(EventBatch(first: 0, lines: [line(20), line(30)]).json, of: "n1", stream: "b", at: start) == 0)
        let all = merge.all()
        #expect(times(all) == ["n2@10", "n1@20", "n1@30", "n2@30", "n2@30"])
        #expect(all[3]["object"] == "o" && all[4]["object"] == "p", "of one moment as they came")
        #expect(all[0].members?.map(\.name) == ["time", "node", "object"])
        #expect(merge.hasHeard && merge.lastTime == 30 && merge.all().isEmpty)
    }

    /// What happened earlier and comes later is shown earlier, as long as it comes soon.
    @Test func laterOnesAreHeldForAMoment() {
        var merge = EventMerge(hold: .milliseconds(100))
        _ = merge.take(EventBatch(first: 0, lines: [line(50)]).json, of: "n1", stream: "a", at: start)
        #expect(merge.ready(at: start + .milliseconds(90)).isEmpty)
        let news = EventBatch(first: 0, lines: [line(40), line(60)])
        _ = merge.take(news.json, of: "n2", stream: "b", at: start + .milliseconds(90))
        #expect(times(merge.ready(at: start + .milliseconds(100))) == ["n2@40", "n1@50"])
        #expect(merge.ready(at: start + .milliseconds(110)).isEmpty)
        #expect(times(merge.ready(at: start + .milliseconds(190))) == ["n2@60"])
    }

    @Test func whatIsLeftOutIsCounted() {
        var merge = EventMerge()
        func take(_ first: Int, _ count: Int, _ stream: String = "a") -> Int? {
            let lines = (first..<(first + count)).map { line(Int64($0)) }
            return merge.take(EventBatch(first: first, lines: lines).json, of: "n1", stream: stream, at: start)
        }
        #expect(take(7, 3) == 7 && take(10, 2) == 0 && take(15, 1) == 3 && take(20, 0) == 4)
        #expect(merge.take(["first": -1, "events": []], of: "n1", stream: "a", at: start) == nil)
        #expect(merge.take(["events": []], of: "n1", stream: "a", at: start) == nil)
        #expect(merge.take(EventBatch(first: 20, lines: ["no json"]).json, of: "n1", stream: "a", at: start) == 0)
    }

    /// An agent that starts again sends its history again; what is alike twice in one log is there twice.
    @Test func whatIsToldAgainIsShownOnce() {
        var merge = EventMerge()
        let lines = [line(10), line(10), line(20)]
        _ = merge.take(EventBatch(first: 0, lines: lines).json, of: "n1", stream: "a", at: start)
        #expect(merge.all().count == 3)
        let again = EventBatch(first: 5, lines: lines + [line(30)])
        #expect(merge.take(again.json, of: "n1", stream: "b", at: start) == 0)
        #expect(times(merge.all()) == ["n1@30"])
        #expect(merge.take(EventBatch(first: 10, lines: [line(30)]).json, of: "n1", stream: "b", at: start) == 1)
        #expect(times(merge.all()) == ["n1@30"])
        _ = merge.take(EventBatch(first: 0, lines: [line(10)]).json, of: "n2", stream: "c", at: start)
        #expect(times(merge.all()) == ["n2@10"])
    }

    @Test func theNewestLinesAreKept() {
        var lines = NewestLines(size: 10, count: 3)
        for text in ["aaaa", "bbbb", "cccc", "d", "e"] { lines.append(Array(text.utf8)[...]) }
        #expect(lines.lines == ["cccc", "d", "e"] && lines.leftOut == 2)
        lines.append(Array("far too long".utf8)[...])
        #expect(lines.lines.isEmpty && lines.leftOut == 6)
    }

    /// Of a log over two files the newest is read, up to a size; the rest is counted and not held.
    @Test func historyIsBounded() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory, limit: 40_000)
            for number in 0..<300 {
                var event = Event(
                    time: Int64(number) * 1000, kind: .created, resource: .container(number % 2 == 0 ? "a" : "b"),
                    object: "o\(number)", revision: "r")
                event.cause = "ü"
                log.append([event])
            }
            let kept = EventReader(dataDirectory: directory).newest().count
            func read(
                _ count: Int = .max, _ filter: EventFilter = EventFilter(), size: Int = 1 << 20, lines: Int = 5000,
                since begun: Int64? = nil
            ) -> (lines: [String], leftOut: Int) {
                let found = EventReader(dataDirectory: directory)
                    .newestLines(count, filter, NewestLines(size: size, count: lines), since: begun)
                let objects = found.lines.compactMap { try? JSONValue(parsing: Array($0.utf8))["object"]?.string }
                return (objects, found.leftOut)
            }
            #expect(read().lines.count == kept && read().leftOut == 0 && kept > 150)
            #expect(read(2).lines == ["o298", "o299"] && read(2).leftOut == 0, "no more were asked for")
            #expect(read(lines: 3).lines == ["o297", "o298", "o299"] && read(lines: 3).leftOut == kept - 3)
            #expect(read(0, since: 298_000).lines == ["o298", "o299"], "what came after the question")
            #expect(read(1, since: 298_000).lines == ["o297", "o298", "o299"])
            #expect(read(1, since: 400_000).lines == ["o299"])
            let small = read(size: 1000)
            #expect((2...6).contains(small.lines.count) && small.lines.last == "o299")
            #expect(small.leftOut == kept - small.lines.count)
            let filter = EventFilter(resources: [.container("a")], since: 290_000)
            #expect(read(.max, filter).lines == ["o290", "o292", "o294", "o296", "o298"])
            #expect(read(.max, filter, lines: 2).leftOut == 3)
        }
    }

    @Test func aQuestionIsReadBackWithinBounds() throws {
        let asked = EventsQuestion(
            EventFilter(resources: [.container("web")], since: 17), last: 3, follows: true, nodes: 1000)
        #expect(try EventsQuestion(asked.json) == asked && asked.size == 67_108)
        let greedy: JSONValue = ["follow": false, "resources": ["web", 7], "size": 1_000_000_000, "last": -5]
        let read = try EventsQuestion(greedy)
        #expect(read.size == EventsQuestion.historySize && read.last == 0 && read.filter.resources.isEmpty)
        #expect(throws: Diagnostic.self) { try EventsQuestion([:]) }
    }
}
