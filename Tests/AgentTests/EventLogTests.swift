import Foundation
import Model
import Testing

@testable import Agent

@Suite struct EventLogTests {
    private func event(_ number: Int, padding: Int = 0, resource: ResourceID? = nil) -> Event {
        var event = Event(
            time: Int64(number), kind: .created, resource: resource, object: "o\(number)", revision: "r")
        event.cause = String(repeating: "x", count: padding)
        return event
    }

    private func numbers(_ events: [JSONValue]) -> [Int] {
        events.compactMap { $0["object"]?.string.flatMap { Int($0.dropFirst()) } }
    }

    private func read(_ directory: String, _ count: Int = .max) -> [Int] {
        numbers(EventReader(dataDirectory: directory).newest(count))
    }

    @Test func keepsWhatIsAppended() async throws {
        try await withDirectory { directory in
            let directory = directory + "/not/there/yet"
            let log = EventLog(dataDirectory: directory)
            #expect(read(directory).isEmpty && log.problem == nil)
            #expect(log.append([]) == nil && log.append([event(1), event(2)]) == nil && log.append([event(3)]) == nil)
            #expect(read(directory) == [1, 2, 3] && read(directory, 2) == [2, 3] && read(directory, 0).isEmpty)
            #expect(EventReader(dataDirectory: directory).newest()[0] == event(1).json && log.problem == nil)
        }
    }

    /// Two files of the limit are the bound, however much is written, one by one or in one go.
    @Test(arguments: [1, 7, 1000]) func isBoundedOnDisk(batch: Int) async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory, limit: 100_000)
            let count = 1000
            for first in stride(from: 0, to: count, by: batch) {
                #expect(log.append((first..<min(count, first + batch)).map { event($0, padding: 500) }) == nil)
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            #expect(files == ["events.jsonl", "events.jsonl.1"])
            for file in files {
                let size = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(file)")[.size] as? Int
                #expect(try #require(size) <= 100_000)
            }
            let kept = read(directory)
            #expect(kept == Array(try #require(kept.first)..<count) && kept.count > 140)
            #expect(read(directory, 145) == Array(count - 145..<count), "over both files")
            #expect(log.problem == nil)
        }
    }

    /// Half a line, left by who died while writing it, costs nothing but itself.
    @Test func tornLinesAreClosedAndLeftOut() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory)
            log.append([event(1)])
            for torn in ["{\"half\": ", "{\"half\": \n\n"] {
                let file = try #require(FileHandle(forWritingAtPath: directory + "/events.jsonl"))
                try file.seekToEnd()
                try file.write(contentsOf: Data(torn.utf8))
                try file.close()
                #expect(read(directory).last == 1 || read(directory).last == 2)
                log.append([event(2)])
            }
            #expect(read(directory) == [1, 2, 2] && read(directory, 2) == [2, 2])
            let text = try String(contentsOfFile: directory + "/events.jsonl", encoding: .utf8)
            #expect(text.hasSuffix("}\n") && text.contains("{\"half\": \n{"))
        }
    }

    /// It is told once that the log cannot be written, and once that it can again, with the number of lost events.
    @Test func failureAndRecoveryAreToldOnce() async throws {
        try await withDirectory { directory in
            let data = directory + "/data"
            try Data().write(to: URL(filePath: data))
            let log = EventLog(dataDirectory: data)
            #expect(log.append([event(1), event(2)])?.code == "events-unwritable")
            #expect(log.append([event(3)]) == nil && log.problem?.code == "events-unwritable")
            #expect(log.problem?.severity == .warning && log.problem?.cause?.contains("Not a directory") == true)
            try FileManager.default.removeItem(atPath: data)
            #expect(
                log.append([event(4)])?.message
                    == "events are written to \(data)/events.jsonl again; 3 events were lost")
            #expect(log.append([event(5)]) == nil && read(data) == [4, 5])
            #expect(log.problem?.code == "events-lost", "that some are missing is not forgotten")
        }
    }

    @Test func aVanishedDirectoryIsMadeAgain() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory + "/data")
            log.append([event(1)])
            try FileManager.default.removeItem(atPath: directory + "/data")
            #expect(log.append([event(2)]) == nil && read(directory + "/data") == [2])
            rename(directory + "/data/events.jsonl", directory + "/data/elsewhere")
            #expect(log.append([event(3)]) == nil && read(directory + "/data") == [3])
        }
    }

    /// The agent, an apply of another set, and a destroy may write at once, and move the log aside.
    @Test func severalWritersTearNothing() async throws {
        try await withDirectory { directory in
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        let log = EventLog(dataDirectory: directory, limit: 260_000)
                        for number in 0..<200 { log.append([event(writer * 1000 + number, padding: 300)]) }
                    }
                }
            }
            let kept = read(directory)
            for writer in 0..<4 {
                let own = kept.filter { $0 / 1000 == writer }
                #expect(own == Array((own.first ?? 0)..<(writer * 1000 + 200)), "in order, and none missing")
            }
            #expect(kept.count == 800 && Set(kept).count == 800)
        }
    }

    @Test func filters() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory)
            let (web, front) = (ResourceID.container("web"), ResourceID.network("front"))
            for number in 0..<10 {
                log.append([event(number * 100_000, resource: number % 3 == 0 ? web : number % 3 == 1 ? front : nil)])
            }
            func found(_ filter: EventFilter, _ count: Int = .max) -> [Int] {
                numbers(EventReader(dataDirectory: directory).newest(count, filter)).map { $0 / 100_000 }
            }
            #expect(found(EventFilter(resources: [web])) == [0, 3, 6, 9])
            #expect(found(EventFilter(resources: [web, front]), 3) == [6, 7, 9])
            #expect(found(EventFilter(since: 700_000)) == [7, 8, 9] && found(EventFilter(since: 700_001)) == [8, 9])
            #expect(found(EventFilter(resources: [web], since: 700_000)) == [9])
            #expect(found(EventFilter(resources: [.container("none")])).isEmpty)
        }
    }

    /// What the newest are is read from the end: a big log costs what is asked for.
    @Test func theNewestCostLittle() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory, limit: 64 << 20)
            for first in stride(from: 0, to: 40_000, by: 1000) {
                log.append((first..<first + 1000).map { event($0, padding: 200) })
            }
            let clock = ContinuousClock()
            let all = clock.measure { _ = read(directory) }
            // The shortest of several: this thread may stall in any of them.
            let times = (0..<10).map { _ in
                clock.measure { #expect(read(directory, 3) == [39_997, 39_998, 39_999]) }
            }
            let few = try #require(times.min())
            #expect(few * 20 < all, "\(few) for three, \(all) for all")
        }
    }
}

@Suite struct EventReaderTests {
    private func event(_ number: Int, padding: Int = 0) -> Event {
        var event = Event(time: Int64(number), kind: .created, object: "\(number)", revision: "r")
        event.cause = String(repeating: "x", count: padding)
        return event
    }

    private func advance(_ reader: EventReader) -> [Int] {
        var found: [Int] = []
        reader.advance { line in
            if let event = try? JSONValue(parsing: line) { found.append(Int(event["object"]?.string ?? "") ?? -1) }
        }
        return found
    }

    @Test func whatIsThereThenWhatComes() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory)
            let before = EventReader(dataDirectory: directory)
            #expect(advance(before).isEmpty)
            log.append([event(1)])
            #expect(advance(before) == [1] && advance(before).isEmpty, "the file came later")
            let reader = EventReader(dataDirectory: directory)
            log.append([event(2)])
            #expect(reader.newest().count == 1, "what comes after opening is for following")
            #expect(advance(reader) == [2] && advance(reader).isEmpty)
        }
    }

    /// Half a line is waited for; a file that somebody emptied begins anew.
    @Test func halvesAndEmptying() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory)
            log.append([event(1)])
            let path = directory + "/events.jsonl"
            let reader = EventReader(dataDirectory: directory)
            let text = event(2).json.text() + "\n"
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data(text.prefix(20).utf8))
            #expect(advance(reader).isEmpty && EventReader(dataDirectory: directory).newest().count == 1)
            try file.write(contentsOf: Data(text.dropFirst(20).utf8))
            #expect(advance(reader) == [2])
            truncate(path, 0)
            log.append([event(3)])
            #expect(advance(reader) == [3])
        }
    }

    /// Whenever it looks while the log is moved aside, each event comes once.
    @Test(arguments: [1, 3, 10, 28, 50]) func movedAsideMeanwhile(every: Int) async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory, limit: 20_000)
            log.append([event(0)])
            let reader = EventReader(dataDirectory: directory)
            var found: [Int] = []
            for number in 1...500 {
                log.append([event(number, padding: 500)])
                if number % every == 0 { found += advance(reader) }
            }
            found += advance(reader)
            #expect(found == Array(1...500))
        }
    }

    @Test(.timeLimit(.minutes(10))) func follows() async throws {
        try await withDirectory { directory in
            let log = EventLog(dataDirectory: directory)
            log.append([event(1)])
            let (stream, continuation) = AsyncStream.makeStream(of: JSONValue.self)
            let task = Task {
                let reader = EventReader(dataDirectory: directory)
                continuation.yield("open")
                await reader.follow { continuation.yield($0) }
                continuation.finish()
            }
            var events = stream.makeAsyncIterator()
            // What is appended before the log is open is not followed.
            #expect(await events.next() == "open")
            log.append([event(2), event(3)])
            #expect(await events.next()?["object"] == "2")
            #expect(await events.next()?["object"] == "3")
            log.append([event(4)])
            #expect(await events.next()?["object"] == "4")
            task.cancel()
            #expect(await events.next() == nil)
        }
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [0, 1_767_225_907_042, 951_782_400_000, 4_102_444_799_999] as [Int64])
    func comesBack(_ time: Int64) { #expect(Timestamp.milliseconds(Timestamp.text(time)) == time) }

    @Test func forms() {
        #expect(Timestamp.milliseconds("2026-01-01T00:05:07Z") == 1_767_225_907_000)
        #expect(Timestamp.milliseconds("2026-01-01") == 1_767_225_600_000)
        for wrong in ["", "10m", "2026-13-01", "2026-01-01T25:00:00Z", "2026-01-01T00:05:07", "2026-01-0x"] {
            #expect(Timestamp.milliseconds(wrong) == nil, "\(wrong)")
        }
    }
}
