import Agent
import Foundation
import Model
import Testing

@Suite struct EventLogTests {
    private func event(_ number: Int, padding: Int = 0) -> Event {
        var event = Event(time: Int64(number), kind: .created, object: "o\(number)", revision: "r")
        event.cause = String(repeating: "x", count: padding)
        return event
    }

    @Test func keepsWhatIsAppended() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory + "/not/there/yet")
            #expect(log.read().isEmpty && log.problem == nil)
            log.append([])
            log.append([event(1), event(2)])
            log.append([event(3)])
            #expect(log.read().map { $0["object"] } == ["o1", "o2", "o3"])
            #expect(log.read(last: 2).map { $0["object"] } == ["o2", "o3"] && log.read(last: 0).isEmpty)
            #expect(log.read()[0] == event(1).json && log.problem == nil)
        }
    }

    /// Two files of the limit are the bound, however much is written.
    @Test func isBoundedOnDisk() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory)
            let count = 3 * EventLog.limit / 100_000
            for number in 0..<count { log.append([event(number, padding: 100_000)]) }
            let files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            #expect(files == ["events.jsonl", "events.jsonl.1"])
            for file in files {
                let size = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(file)")[.size] as? Int
                #expect(try #require(size) <= EventLog.limit)
            }
            let kept = log.read().compactMap { $0["object"]?.string.flatMap { Int($0.dropFirst()) } }
            let first = try #require(kept.first)
            #expect(kept == Array(first..<count))
            #expect(log.problem == nil)
        }
    }

    @Test func brokenLinesAreLeftOut() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory)
            log.append([event(1)])
            let file = try #require(FileHandle(forWritingAtPath: directory + "/events.jsonl"))
            try file.seekToEnd()
            try file.write(contentsOf: Data("{\"half\": \n\n".utf8))
            try file.close()
            log.append([event(2)])
            #expect(log.read().map { $0["object"] } == ["o1", "o2"])
        }
    }

    @Test func aLogThatCannotBeWrittenIsAWarning() async throws {
        try await withDirectory { directory in
            try Data().write(to: URL(filePath: directory + "/file"))
            let log = EventLog(dataDirectory: directory + "/file")
            log.append([event(1)])
            #expect(log.problem?.code == "events-unwritable" && log.problem?.severity == .warning)
            #expect(log.read().isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(1))) func followsWhatIsAppended() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory)
            log.append([event(1)])
            var stream = log.follow().makeAsyncIterator()
            async let appended: Void = {
                try await Task.sleep(for: .milliseconds(700))
                log.append([event(2), event(3)])
            }()
            let (first, second) = (await stream.next(), await stream.next())
            try await appended
            #expect(first?["object"] == "o2" && second?["object"] == "o3")
        }
    }
}
