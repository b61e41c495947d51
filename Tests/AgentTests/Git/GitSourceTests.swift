import Containers
import Foundation
import Model
import Synchronization
import Testing

@testable import Agent

@Suite struct GitSourceTests {
    @Test func firstCommitThenTheNext() async throws {
        try await GitFixture.run { fixture in
            let first = try fixture.commit(["web.yaml": "one"])
            let settings = try fixture.settings()
            let source = fixture.source(settings)
            #expect(await source.restore() == .unchanged)
            let checkout = try #require(await source.update().checkout)
            #expect(checkout.commit == first && checkout.subject == "Change web.yaml" && checkout.signer == nil)
            #expect(checkout.shortCommit == String(first.prefix(12)) && checkout.path == settings.watchedPath)
            #expect(fixture.text("web.yaml", settings) == "one")
            #expect(Files.text(checkout.resolvedPath + "/web.yaml") == "one")
            #expect(!Files.exists(settings.watchedPath + "/.git"))
            #expect(GitCheckout.commit(holding: settings.watchedPath) == first)
            #expect(GitCheckout.commit(holding: settings.watchedPath + "/web.yaml") == first)
            #expect(GitCheckout.commit(holding: fixture.repository) == nil)
            #expect(await source.update() == .unchanged)

            let second = try fixture.commit(["web.yaml": "two", "db.yaml": "new"])
            let next = try #require(await source.update().checkout)
            #expect(next.commit == second && next.rewrittenFrom == nil)
            #expect(fixture.text("web.yaml", settings) == "two" && fixture.text("db.yaml", settings) == "new")
            #expect(await source.current == next)
        }
    }

    @Test func theLastTwoCheckoutsAreKept() async throws {
        try await GitFixture.run { fixture in
            let settings = try fixture.settings()
            let source = fixture.source(settings)
            var commits: [String] = []
            for number in 1...4 {
                commits.append(try fixture.commit(["a.yaml": "\(number)"]))
                #expect(await source.update().checkout?.commit == commits.last)
                #expect(fixture.checkouts(settings) == Set(commits.suffix(2)))
            }
        }
    }

    /// Like a checkout that was killed: what it left does not stay.
    @Test func halfMadeCheckoutsAreRemoved() async throws {
        try await GitFixture.run { fixture in
            let settings = try fixture.settings()
            try FileManager.default.createDirectory(
                atPath: settings.layout.checkouts + "/.tmp-999999999-1-1/tree", withIntermediateDirectories: true)
            let commit = try fixture.commit(["a.yaml": "1"])
            #expect(await fixture.source(settings).update().checkout != nil)
            #expect(fixture.checkouts(settings) == [commit])
        }
    }

    @Test func aFolderOfTheRepository() async throws {
        try await GitFixture.run { fixture in
            try fixture.commit(["deploy/prod/web.yaml": "prod", "README": "top"])
            let settings = try fixture.settings(path: "./deploy//prod/")
            let source = fixture.source(settings)
            #expect(await source.update().checkout?.path.hasSuffix("/current/deploy/prod") == true)
            #expect(fixture.text("web.yaml", settings) == "prod")

            // The folder goes: that commit is not taken, and the one before stays.
            try fixture.git(["mv", "deploy/prod", "deploy/live"])
            let bad = try fixture.commit()
            let failure = try #require(await source.update().failure)
            #expect(failure.code == "git-path" && failure.message.contains(String(bad.prefix(12))))
            #expect(failure.message.contains("has no folder deploy/prod"))
            #expect(fixture.text("web.yaml", settings) == "prod")
        }
    }

    @Test func aRewrittenBranchIsFollowedAndTold() async throws {
        try await GitFixture.run { fixture in
            try fixture.commit(["a.yaml": "1"])
            try fixture.commit(["a.yaml": "2"])
            let source = fixture.source(try fixture.settings())
            _ = await source.update()
            let old = try fixture.commit(["a.yaml": "3"])
            #expect(await source.update().checkout?.rewrittenFrom == nil)
            try fixture.git(["reset", "-q", "--hard", "HEAD~2"])
            let new = try fixture.commit(["a.yaml": "other"])
            let update = await source.update()
            #expect(update.checkout?.commit == new && update.checkout?.rewrittenFrom == old)
            let events = update.events(branch: "main", revision: old, time: 0)
            #expect(events.count == 2 && events.allSatisfy { $0.kind == .manifest && $0.revision == new })
            #expect(events[0].cause?.contains("was rewritten: \(old.prefix(12))") == true)
            #expect(events[1].cause == "commit \(new.prefix(12)) \"Change a.yaml\"")

            // Back to an older one: that too is a rewriting.
            try fixture.git(["reset", "-q", "--hard", "HEAD~1"])
            #expect(await source.update().checkout?.rewrittenFrom == new)
        }
    }

    /// What a thread has seen that reads again and again.
    private final class Readings: Sendable {
        let count = Atomic(0)
        let mixed = Atomic(0)
        let isOver = Atomic(false)

        /// Waits until there is one more.
        func next() async throws {
            let before = count.load(ordering: .relaxed)
            for _ in 0..<6000 where count.load(ordering: .relaxed) == before {
                try await Task.sleep(for: .milliseconds(10))
            }
            try #require(count.load(ordering: .relaxed) > before, "nobody reads")
        }
    }

    /// A commit is seen whole or not at all, however often the branch moves.
    @Test func aReaderNeverSeesTwoCommitsMixed() async throws {
        try await GitFixture.run { fixture in
            let names = (0..<20).map { "file\($0).yaml" }
            func push(_ number: Int) throws {
                try fixture.commit(Dictionary(uniqueKeysWithValues: names.map { ($0, "\(number)") }))
            }
            try push(0)
            let settings = try fixture.settings()
            let source = fixture.source(settings)
            _ = await source.update()
            @Sendable func target() -> String? {
                try? FileManager.default.destinationOfSymbolicLink(atPath: settings.layout.current)
            }
            let readings = Readings()
            defer { readings.isOver.store(true, ordering: .relaxed) }
            // A thread of its own: one of the pool's may be hard to come by while other tests block them.
            Thread.detachNewThread {
                while !readings.isOver.load(ordering: .relaxed) {
                    let before = target()
                    // As a directory is read: the link is resolved once.
                    let top = realpath(settings.watchedPath, nil)
                    let texts = names.map { name in top.flatMap { Files.text("\(String(cString: $0))/\(name)") } }
                    free(top)
                    // A tree goes when two newer ones have come, which a slow reader may miss.
                    let isIncomplete = texts.contains(nil) && target() == before
                    if before == nil || isIncomplete || Set(texts.compactMap { $0 }).count > 1 {
                        readings.mixed.add(1, ordering: .relaxed)
                    }
                    readings.count.add(1, ordering: .relaxed)
                    usleep(200)
                }
            }
            for number in 1...12 {
                try await readings.next()
                try push(number)
                #expect(await source.update().checkout != nil)
            }
            try await readings.next()
            #expect(readings.mixed.load(ordering: .relaxed) == 0)
        }
    }

    @Test func submodulesStayEmptyAndNoHookRuns() async throws {
        try await GitFixture.run { fixture in
            let inner = try fixture.commit(["inner.yaml": "x"])
            try Data("[submodule \"sub\"]\n\tpath = sub\n\turl = \(fixture.repository)\n".utf8).write(
                to: URL(filePath: fixture.repository + "/.gitmodules"))
            try fixture.git(["update-index", "--add", "--cacheinfo", "160000,\(inner),sub"])
            try fixture.git(["add", ".gitmodules"])
            try fixture.git(["commit", "-q", "-m", "A submodule"])
            let settings = try fixture.settings()
            #expect(await fixture.source(settings).update().checkout != nil)
            #expect(Files.exists(settings.watchedPath + "/sub") && Files.names(in: settings.watchedPath + "/sub") == [])
            #expect(Files.names(in: settings.layout.repository + "/hooks") == [])
        }
    }

    @Test func repositoriesWithLongIds() async throws {
        try await GitFixture.run(objects: "sha256") { fixture in
            let commit = try fixture.commit(["a.yaml": "1"])
            #expect(commit.utf8.count == 64)
            let settings = try fixture.settings(url: "file://\(fixture.repository)")
            #expect(await fixture.source(settings).update().checkout?.commit == commit)
            #expect(fixture.text("a.yaml", settings) == "1")
        }
    }

    /// A second caller does not start a second git, but is not forgotten either.
    @Test func oneLookAtATime() async throws {
        try await GitFixture.run { fixture in
            try fixture.commit(["a.yaml": "1"])
            var settings = try fixture.settings()
            settings.program = fixture.directory + "/slow-git"
            settings.exchangeTimeout = 300_000
            // It waits until it is told to go on.
            let script = """
                #!/bin/sh
                touch \(fixture.directory)/begun
                until [ -e \(fixture.directory)/go ]; do sleep 0.05; done
                exec git "$@"
                """
            try fixture.sh("printf '%s\\n' \"$SCRIPT\" >slow-git; chmod 755 slow-git", ["SCRIPT": script])
            let source = fixture.source(settings)
            async let first = source.update()
            let begun = fixture.directory + "/begun"
            for _ in 0..<6000 where !Files.exists(begun) { try await Task.sleep(for: .milliseconds(10)) }
            try #require(Files.exists(begun))
            #expect(await source.update() == .unchanged)
            try fixture.sh("touch go")
            #expect(await first.checkout != nil)
            #expect(await source.nextDeadline == fixture.clock.now)
            #expect(await source.update() == .unchanged)
            #expect(await source.nextDeadline == fixture.clock.now + .seconds(30))
        }
    }
}
