import Containers
import Foundation
import Model
import Testing

@testable import Agent

/// Whatever fails, what was accepted last stays.
@Suite struct GitFailureTests {
    @Test func aMissingBranch() async throws {
        try await GitFixture.run { fixture in
            let commit = try fixture.commit(["a.yaml": "1"])
            // Neither a tag nor a longer name that ends alike is the branch.
            try fixture.git(["tag", "prod"])
            try fixture.git(["branch", "refs/heads/prod"])
            let settings = try fixture.settings(branch: "prod")
            let source = fixture.source(settings)
            let failure = try #require(await source.update().failure)
            #expect(failure.code == "git-branch-missing" && failure.message.contains("has no branch prod"))
            #expect(failure.hint == "its branches: main, refs/heads/prod")
            #expect(!Files.exists(settings.watchedPath))

            try fixture.git(["branch", "prod"])
            #expect(await source.update().checkout?.commit == commit)
            try fixture.git(["update-ref", "-d", "refs/heads/prod"])
            let gone = try #require(await source.update().failure)
            #expect(gone.message.hasSuffix("; commit \(commit.prefix(12)) keeps running"))
            #expect(fixture.text("a.yaml", settings) == "1")
        }
    }

    @Test func aRepositoryThatGoesAndComesBack() async throws {
        try await GitFixture.run { fixture in
            let commit = try fixture.commit(["a.yaml": "1"])
            let settings = try fixture.settings()
            let source = fixture.source(settings)
            #expect(await source.update().checkout?.commit == commit)
            #expect(await source.nextDeadline == fixture.clock.now + .seconds(30))
            try fixture.sh("mv remote away")
            for (number, delay) in [60, 120, 240, 300, 300].enumerated() {
                guard case .failed(let failure, let isRepeated) = await source.update() else {
                    Issue.record("no failure")
                    return
                }
                #expect(failure.code == "git-repository-missing" && isRepeated == (number > 0))
                #expect(failure.cause?.contains("does not appear to be a git repository") == true)
                #expect(await source.nextDeadline == fixture.clock.now + .seconds(delay))
                fixture.clock.advance(.seconds(delay))
            }
            #expect(await source.problem != nil && fixture.text("a.yaml", settings) == "1")
            try fixture.sh("mv away remote")
            let update = await source.update()
            #expect(update == .recovered(try #require(await source.current)))
            #expect(update.events(branch: "main", revision: commit, time: 0).map(\.revision) == [commit])
            #expect(await source.problem == nil)
            #expect(await source.nextDeadline == fixture.clock.now + .seconds(30))
            #expect(await source.update() == .unchanged)
        }
    }

    @Test func anAgentThatStartsWithoutTheNetwork() async throws {
        try await GitFixture.run { fixture in
            let commit = try fixture.commit(["a.yaml": "1"])
            let settings = try fixture.settings()
            #expect(await fixture.source(settings).update().checkout != nil)
            try fixture.sh("mv remote away")
            let source = fixture.source(settings)
            #expect(await source.restore().checkout?.commit == commit)
            #expect(await source.current?.subject == "Change a.yaml")
            let update = await source.update()
            #expect(update.failure?.message.hasSuffix("keeps running") == true)
            let events = update.events(branch: "main", revision: commit, time: 0)
            #expect(events.map(\.kind) == [.failed] && events[0].revision == commit)
            #expect(await source.current?.commit == commit && fixture.text("a.yaml", settings) == "1")
        }
    }

    /// A git that was killed leaves locks and half a repository.
    @Test(arguments: ["touch shallow.lock", "rm -rf objects", "echo x >HEAD", "echo x >config"])
    func aDamagedMirrorIsMadeAnew(_ damage: String) async throws {
        try await GitFixture.run { fixture in
            try fixture.commit(["a.yaml": "1"])
            let settings = try fixture.settings()
            let source = fixture.source(settings)
            #expect(await source.update().checkout != nil)
            try fixture.sh("cd \(settings.layout.repository); \(damage)")
            try fixture.commit(["a.yaml": "2"])
            let commit = try fixture.commit(["a.yaml": "3"])
            #expect(await source.update().checkout?.commit == commit)
            #expect(fixture.text("a.yaml", settings) == "3")
            #expect(!Files.names(in: settings.layout.directory).contains { $0.hasPrefix(".tmp") })
        }
    }

    /// What an agent that was killed has left at work must not be disturbed.
    @Test func aGitThatIsStillAtWork() async throws {
        try await GitFixture.run { fixture in
            try fixture.commit(["a.yaml": "1"])
            let settings = try fixture.settings()
            try settings.layout.make()
            let source = fixture.source(settings)
            do {
                let lock = try settings.layout.lock()
                #expect(await source.update().failure?.code == "git-busy")
                withExtendedLifetime(lock) {}
            }
            #expect(await source.update().checkout != nil)
        }
    }

    @Test func programsThatHangOrSayTooMuch() async throws {
        try await GitFixture.run { fixture in
            try fixture.commit(["a.yaml": "1"])
            func update(_ script: String, timeout: Int = 60_000) async throws -> Diagnostic? {
                var settings = try fixture.settings()
                settings.program = fixture.directory + "/git"
                settings.exchangeTimeout = timeout
                // The shell writes it: no process that another test starts can hold it open for writing.
                try fixture.sh("printf '#!/bin/sh\\n%s\\n' \"$SCRIPT\" >git; chmod 755 git", ["SCRIPT": script])
                return await fixture.source(settings).update().failure
            }
            let hanging = try #require(try await update("sleep 1000 & sleep 1000", timeout: 2000))
            #expect(hanging.code == "git-timeout")
            // 8 MB on both streams.
            let loud = try #require(
                try await update("head -c 8000000 /dev/zero | tr '\\0' y | tee /dev/stderr; exit 1"))
            #expect(loud.cause?.count == 2000)
            let colours = try #require(try await update("printf 'fatal: \\033[2Jfailed\\n' >&2; exit 128"))
            #expect(colours.cause == "fatal: [2Jfailed")
        }
    }

    @Test func delays() {
        #expect(GitSource.delay(.seconds(1), failures: 0) == .seconds(1))
        #expect(GitSource.delay(.seconds(1), failures: 3) == .seconds(8))
        #expect(GitSource.delay(.seconds(1), failures: 1000) == .seconds(300))
        #expect(GitSource.delay(.seconds(3600), failures: 5) == .seconds(3600))
    }
}
