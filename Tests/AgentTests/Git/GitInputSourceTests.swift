import Containers
import Foundation
import Manifests
import Model
import Testing

@testable import Agent

/// The agent's loop and a branch: what it is given, with which revision, and what it is told.
@Suite struct GitInputSourceTests {
    /// Reads a directory each time it is forced to, as a watcher does when something happened.
    private struct Directory: InputSource {
        let path: String
        var descriptors: [Int32] { [] }
        var nextDeadline: ContinuousClock.Instant? { nil }
        mutating func update(at now: ContinuousClock.Instant, isForced: Bool) async -> InputUpdate? {
            guard isForced else { return nil }
            return InputUpdate(input: PassInput(ManifestLoader.load(paths: [path]), paths: [path]), events: [])
        }
    }

    private func source(_ settings: GitSettings) -> GitInputSource {
        GitInputSource(settings, manifests: Directory(path: settings.watchedPath))
    }

    /// Waits for the end of a look, as the agent's loop does, and asks.
    private func next(_ source: inout GitInputSource) async throws -> InputUpdate? {
        var entry = pollfd(fd: try #require(source.descriptors.last), events: Int16(POLLIN), revents: 0)
        for _ in 0..<1000 where poll(&entry, 1, 0) == 0 { try await Task.sleep(for: .milliseconds(10)) }
        try #require(entry.revents != 0)
        return await source.update(at: .now, isForced: false)
    }

    private func manifest(_ name: String) -> [String: String] {
        ["\(name).yaml": "apiVersion: reconcile/v1\nkind: Network\nmetadata: { name: \(name) }\nspec: {}\n"]
    }

    private func names(_ update: InputUpdate?) -> [String]? { update?.input?.resources.networks.map(\.metadata.name) }

    @Test(.timeLimit(.minutes(1))) func everyCommitBecomesInput() async throws {
        try await GitFixture.run { fixture in
            let first = try fixture.commit(manifest("front"))
            var source = source(try fixture.settings())
            #expect(await source.update(at: .now, isForced: true) == nil)
            let found = try await next(&source)
            #expect(names(found) == ["front"] && found?.input?.revision == first && found?.input?.prunes == true)
            #expect(found?.events.map(\.kind) == [.manifest] && found?.events.map(\.revision) == [first])

            // SIGHUP.
            let second = try fixture.commit(manifest("back"))
            #expect(await source.update(at: .now, isForced: true)?.input?.revision == first)
            let next = try await next(&source)
            #expect(names(next) == ["back", "front"] && next?.input?.revision == second)

            // A commit that changes no manifest has a revision all the same.
            let third = try fixture.commit(["README": "x"])
            _ = await source.update(at: .now, isForced: true)
            #expect(try await self.next(&source)?.input?.revision == third)
            let deadline = try #require(source.nextDeadline)
            #expect(deadline > .now && deadline < .now + .seconds(31))
        }
    }

    /// Not even what an earlier agent remembers of the manifests counts before the commit does.
    @Test(.timeLimit(.minutes(1))) func withoutAnAcceptedCommitThereIsNoInput() async throws {
        try await GitFixture.run { fixture in
            _ = try GitKeys(fixture: fixture).ssh("alice")
            try fixture.commit(manifest("front"))
            #expect(await fixture.source(try fixture.settings()).update().checkout != nil)
            let settings = try fixture.settings(keyring: fixture.directory + "/alice.signers")
            var source = GitInputSource(settings, manifests: Directory(path: fixture.repository))
            let refused = await source.update(at: .now, isForced: true)
            #expect(refused?.input == nil && refused?.events.map(\.kind) == [.failed])
            // The look refuses the same commit for the same reason: that was told.
            #expect(try await next(&source) == nil)
        }
    }

    @Test(.timeLimit(.minutes(1))) func anAgentThatStartsWithoutTheNetworkHasItsInputAtOnce() async throws {
        try await GitFixture.run { fixture in
            let commit = try fixture.commit(manifest("front"))
            #expect(await fixture.source(try fixture.settings()).update().checkout != nil)
            try fixture.sh("mv remote away")
            var source = source(try fixture.settings())
            let found = await source.update(at: .now, isForced: true)
            #expect(names(found) == ["front"] && found?.input?.revision == commit)
            let failed = try await next(&source)
            #expect(failed?.input == nil && failed?.events.map(\.kind) == [.failed])
            #expect(failed?.events.first?.revision == commit)
        }
    }
}
