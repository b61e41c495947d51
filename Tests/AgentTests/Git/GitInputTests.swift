import Containers
import Foundation
import Model
import Testing

@testable import Agent

/// The agent's loop and a branch: what it is given, with which revision, and what it is told.
@Suite struct GitInputTests {
    /// What the loop does: it asks, again and again. Answers with the first that is wanted, and with all that was told
    /// until then. Where it is forced it begins as with SIGHUP.
    private func next(
        _ source: GitInput, isForced: Bool = false, _ isWanted: (InputUpdate) -> Bool
    ) async throws -> InputUpdate {
        var events: [Event] = []
        for round in 0..<6000 {
            if var update = await source.update(at: .now, isForced: isForced && round == 0) {
                events += update.events
                if isWanted(update) {
                    update.events = events
                    return update
                }
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try #require(nil, "nothing came")
    }

    private func next(_ source: GitInput, of commit: String, isForced: Bool = false) async throws -> InputUpdate {
        try await next(source, isForced: isForced) { $0.input?.revision == commit }
    }

    private func failure(_ source: GitInput) async throws -> InputUpdate {
        try await next(source) { $0.events.contains { $0.kind == .failed } }
    }

    private func started(_ settings: GitSettings, _ fixture: GitFixture) async -> GitInput {
        let source = GitInput(settings, EngineSettings(dataDirectory: fixture.directory + "/data"))
        await source.start(wake: {})
        return source
    }

    private func manifest(_ name: String) -> [String: String] {
        ["\(name).yaml": "apiVersion: reconcile/v1\nkind: Network\nmetadata: { name: \(name) }\nspec: {}\n"]
    }

    private func names(_ update: InputUpdate) -> [String]? { update.input?.resources.networks.map(\.metadata.name) }

    @Test(.timeLimit(.minutes(10))) func everyCommitBecomesInput() async throws {
        try await GitFixture.run { fixture in
            let first = try fixture.commit(manifest("front"))
            let source = await started(try fixture.settings(), fixture)
            let found = try await next(source, of: first)
            #expect(names(found) == ["front"] && found.input?.prunes == true)
            #expect(found.events.first?.cause == "commit \(first.prefix(12)) \"Change front.yaml\"")
            #expect(found.events.allSatisfy { $0.kind == .manifest && $0.revision == first })

            let second = try fixture.commit(manifest("back"))
            #expect(names(try await next(source, of: second, isForced: true)) == ["back", "front"])

            // A commit that changes no manifest has a revision all the same.
            let third = try fixture.commit(["README": "x"])
            #expect(names(try await next(source, of: third, isForced: true)) == ["back", "front"])
        }
    }

    /// Not even what an earlier agent remembers of the manifests counts before the commit does.
    @Test(.timeLimit(.minutes(10))) func withoutAnAcceptedCommitThereIsNoInput() async throws {
        try await GitFixture.run { fixture in
            let alice = try GitKeys(fixture: fixture).ssh("alice")
            let first = try fixture.commit(manifest("front"))
            let unchecked = await started(try fixture.settings(), fixture)
            #expect(try await names(next(unchecked, of: first)) == ["front"])
            try unchecked.finish()

            let settings = try fixture.settings(keyring: fixture.directory + "/alice.signers")
            let source = await started(settings, fixture)
            let refused = try await failure(source)
            #expect(refused.input == nil && refused.events.map(\.kind) == [.failed])
            let good = try fixture.commit(manifest("front"), ["-S"], alice)
            #expect(try await names(next(source, of: good, isForced: true)) == ["front"])
        }
    }

    @Test(.timeLimit(.minutes(10))) func anAgentThatStartsWithoutTheNetworkHasItsInputAtOnce() async throws {
        try await GitFixture.run { fixture in
            let commit = try fixture.commit(manifest("front"))
            #expect(await fixture.source(try fixture.settings()).update().checkout != nil)
            try fixture.sh("mv remote away")
            let source = await started(try fixture.settings(), fixture)
            let found = try await next(source, of: commit)
            #expect(names(found) == ["front"])
            // The look at the branch may have failed before the first question.
            var failed = found.events.last { $0.kind == .failed }
            if failed == nil {
                let later = try await failure(source)
                #expect(later.input == nil)
                failed = later.events.last
            }
            #expect(failed?.revision == commit)
        }
    }

    /// The watcher may be faster than the answer of the look that swapped the link.
    @Test(.timeLimit(.minutes(10))) func theRevisionIsThatOfWhatWasRead() async throws {
        try await GitFixture.run { fixture in
            let first = try fixture.commit(manifest("front"))
            let settings = try fixture.settings()
            let source = await started(settings, fixture)
            #expect(try await names(next(source, of: first)) == ["front"])
            let second = try fixture.commit(manifest("back"))
            #expect(await fixture.source(settings).update().checkout?.commit == second)
            let found = try await next(source) { names($0)?.contains("back") == true }
            #expect(found.input?.revision == second)
            #expect(found.events.allSatisfy { $0.revision == second })
        }
    }
}
