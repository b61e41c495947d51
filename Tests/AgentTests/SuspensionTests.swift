import Foundation
import Model
import Testing

@testable import Agent

@Suite struct SuspensionTests {
    private let web = ResourceID.container("web")
    private let front = ResourceID.network("front")
    private let host = ResourceID.host("firewall")

    @Test func oneResource() {
        var suspensions = Suspensions()
        #expect(suspensions.isEmpty && !suspensions.isSuspended(web))
        let suspended = [suspensions.suspend(web, at: 5), suspensions.suspend(web, at: 9)]
        #expect(suspended == [true, false])
        #expect(suspensions.since(web) == 5 && !suspensions.isSuspended(front) && !suspensions.isSuspended(host))
        #expect(!suspensions.isAll && !suspensions.isEmpty)
        let resumed = [suspensions.resume(front), suspensions.resume(web), suspensions.resume(web)]
        #expect(resumed == [false, true, false])
        #expect(suspensions == Suspensions())
    }

    /// A service is suspended and resumed with its replicas; one of them may be resumed by itself.
    @Test func aService() {
        var suspensions = Suspensions()
        let (service, first, second) = (
            ResourceID.service("web"), ResourceID.container("web.1"), ResourceID.container("web.2")
        )
        let isNew = [suspensions.suspend(service, at: 5), suspensions.suspend(first, at: 6)]
        #expect(isNew == [true, false])
        #expect(suspensions.since(first) == 5 && suspensions.isSuspended(second) && !suspensions.isSuspended(web))
        let isResumed = suspensions.resume(first)
        #expect(isResumed && !suspensions.isSuspended(first) && suspensions.isSuspended(second))
        let isAllResumed = suspensions.resume(service)
        #expect(isAllResumed && suspensions == Suspensions())
        _ = suspensions.suspend(first, at: 7)
        #expect(suspensions.isSuspended(first) && !suspensions.isSuspended(second) && !suspensions.isSuspended(service))
    }

    @Test func everything() {
        var suspensions = Suspensions()
        let suspended = [
            suspensions.suspend(web, at: 5), suspensions.suspendAll(at: 7), suspensions.suspendAll(at: 8),
        ]
        #expect(suspended == [true, true, false])
        #expect(suspensions.isAll && suspensions.since(web) == 5 && suspensions.since(front) == 7)
        #expect(suspensions.since(host) == 7)
        // One is resumed, the rest stays; and what networks share is needed again.
        let isResumed = suspensions.resume(web)
        #expect(isResumed && !suspensions.isSuspended(web) && suspensions.isSuspended(front))
        #expect(!suspensions.isAll && !suspensions.isSuspended(host))
        let isSuspended = suspensions.suspend(web, at: 9)
        #expect(isSuspended && suspensions.since(web) == 7 && suspensions.isAll)
        let again = [suspensions.resume(web), suspensions.suspendAll(at: 11)]
        #expect(again == [true, true] && suspensions.since(web) == 7)
        let all = [suspensions.resumeAll(), suspensions.resumeAll()]
        #expect(all == [true, false] && suspensions == Suspensions())
    }

    @Test func comesBackAndIsForgotten() async throws {
        try await withDirectory { directory in
            let settings = EngineSettings(dataDirectory: directory + "/not/yet")
            #expect(Suspensions.read(settings).isEmpty)
            let (web, front) = (web, front)
            try Suspensions.update(settings) { suspensions in
                _ = suspensions.suspend(web, at: 5)
                _ = suspensions.suspend(front, at: 6)
            }
            #expect(Suspensions.read(settings).since(web) == 5 && Suspensions.read(settings).since(front) == 6)
            try Suspensions.update(settings) { suspensions in
                _ = suspensions.suspendAll(at: 7)
                _ = suspensions.resume(web)
            }
            let read = Suspensions.read(settings)
            #expect(read.since(web) == nil && read.since(front) == 6 && read.since(.container("x")) == 7)
            #expect(Suspensions.read(EngineSettings(set: "other", dataDirectory: directory + "/not/yet")).isEmpty)
            let isResumed = try Suspensions.update(settings) { $0.resumeAll() }
            #expect(isResumed)
            let names = try FileManager.default.contentsOfDirectory(atPath: directory + "/not/yet/memory")
            #expect(names.isEmpty, "what is empty leaves no file")
        }
    }

    /// Many at once lose nothing: the file is read, changed and written back under a lock.
    @Test func updatesDoNotOverwriteEachOther() async throws {
        try await withDirectory { directory in
            let settings = EngineSettings(dataDirectory: directory)
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        _ = try? Suspensions.update(settings) { $0.suspend(.container("c\(number)"), at: 1) }
                    }
                }
            }
            #expect(Suspensions.read(settings).resources.count == 50)
        }
    }

    @Test func aPlaceThatCannotBeWrittenIsAnError() async throws {
        try await withDirectory { directory in
            try Data().write(to: URL(filePath: directory + "/file"))
            let settings = EngineSettings(dataDirectory: directory + "/file")
            #expect(throws: Diagnostic.self) {
                _ = try Suspensions.update(settings) { $0.suspendAll(at: 1) }
            }
        }
    }

    @Test func notes() {
        var suspensions = Suspensions()
        _ = suspensions.suspend(web, at: 1_767_225_907_042)
        let notes = suspensions.notes(on: [web, front, host])
        #expect(notes.map(\.message) == ["container/web is suspended since 2026-01-01T00:05:07.042Z"])
        #expect(notes.map(\.severity) == [.note])
        _ = suspensions.suspendAll(at: 1_767_225_907_042)
        #expect(
            suspensions.notes(on: [web, front]).map(\.message)
                == ["everything is suspended since 2026-01-01T00:05:07.042Z"])
    }
}
