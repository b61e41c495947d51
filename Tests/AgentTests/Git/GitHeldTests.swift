import Containers
import Foundation
import Model
import Testing

@testable import Agent

/// Commits that do not count before they are published, as in a fleet.
@Suite struct GitHeldTests {
    private func source(_ settings: GitSettings) -> GitSource { GitSource(settings, holdsBack: true) }

    private func held(_ update: GitUpdate) -> String? {
        if case .held(let checkout) = update { checkout.commit } else { nil }
    }

    @Test func aCommitCountsWhenItIsPublished() async throws {
        try await GitFixture.run { fixture in
            let settings = try fixture.settings()
            let first = try fixture.commit(["a.yaml": "1"])
            var git = source(settings)
            #expect(await held(git.update()) == first)
            #expect(await git.current == nil && settings.commitInPlace == nil && !Files.exists(settings.watchedPath))
            #expect(await git.publish(first).checkout?.commit == first)
            #expect(fixture.text("a.yaml", settings) == "1")

            let second = try fixture.commit(["a.yaml": "2"])
            let third = try fixture.commit(["a.yaml": "3"])
            #expect(await held(git.update()) == third)
            #expect(await git.update() == .unchanged)
            #expect(fixture.text("a.yaml", settings) == "1" && settings.commitInPlace == first)
            // What is in force stays so over a restart, and the newest one is told of anew.
            git = source(settings)
            #expect(await git.restore().checkout?.commit == first)
            #expect(await held(git.update()) == third)
            #expect(fixture.text("a.yaml", settings) == "1")
            #expect(await git.publish(third).checkout?.commit == third)
            #expect(fixture.text("a.yaml", settings) == "3")

            // Back to an older one, whose tree is made again where it has gone; also of which there never was one.
            for (commit, text) in [(second, "2"), (first, "1"), (third, "3")] {
                try? Files.removeTree("\(settings.layout.checkouts)/\(commit)")
                #expect(await git.prepare(commit) == nil)
                #expect(await git.publish(commit).checkout?.commit == commit)
                #expect(fixture.text("a.yaml", settings) == text)
                #expect(await git.update() == .unchanged)
            }
            #expect(await git.prepare(String(repeating: "0", count: 40)) != nil)
            // A mirror that was made anew has only the newest; what was before is asked for.
            try Files.removeTree(settings.layout.directory)
            let fresh = source(settings)
            #expect(await held(fresh.update()) == third)
            #expect(await fresh.publish(first).checkout?.commit == first)
            #expect(fixture.text("a.yaml", settings) == "1")
        }
    }

    @Test func whatIsGoneBackToIsSigned() async throws {
        try await GitFixture.run { fixture in
            let keys = GitKeys(fixture: fixture)
            let alice = try keys.ssh("alice")
            let settings = try fixture.settings(keyring: fixture.directory + "/alice.signers")
            let first = try fixture.commit(["a.yaml": "1"], ["-S"], alice)
            let git = source(settings)
            #expect(await held(git.update()) == first)
            _ = await git.publish(first)
            let unsigned = try fixture.commit(["a.yaml": "2"])
            #expect(await git.update().failure?.code == "git-commit-refused")
            let third = try fixture.commit(["a.yaml": "3"], ["-S"], alice)
            #expect(await held(git.update()) == third)
            #expect(await git.publish(unsigned).failure?.code == "git-commit-refused")
            #expect(fixture.text("a.yaml", settings) == "1")
            #expect(await git.publish(third).checkout?.signer?.hasPrefix("alice@") == true)
            #expect(await git.publish(first).checkout?.signer?.hasPrefix("alice@") == true)
        }
    }

    @Test func theLoopIsGivenWhatCounts() async throws {
        try await GitFixture.run { fixture in
            let network = "apiVersion: reconcile/v1\nkind: Network\nmetadata: { name: NAME }\nspec: {}\n"
            let first = try fixture.commit(["a.yaml": network.replacing("NAME", with: "front")])
            let settings = try fixture.settings()
            let engine = EngineSettings(dataDirectory: fixture.directory + "/data")
            let input = GitInput(settings, engine, holdsBack: true)
            await input.start(wake: {})
            func wait(_ condition: () -> Bool) async throws -> PassInput? {
                for _ in 0..<6000 {
                    let update = await input.update(at: .now, isForced: false)
                    if condition() || update?.input != nil { return update?.input }
                    try await Task.sleep(for: .milliseconds(10))
                }
                throw Diagnostic(code: "test", "nothing came")
            }
            input.held.sequence = 5
            #expect(try await wait { input.held.tip == first } == nil)
            // The look began before the sequence was known.
            #expect(input.held.lookedAt == 0 && input.checkout == nil)
            input.ask()
            #expect(try await wait { input.held.lookedAt == 5 } == nil)
            input.ask()
            #expect(input.held.mayAsk() == false)

            var preview: Result<PassInput, Diagnostic>?
            _ = try await wait {
                preview = input.input(of: first)
                return preview != nil
            }
            let read = try #require(try preview?.get())
            #expect(read.revision == first && read.resources.networks.map(\.metadata.name) == ["front"])
            #expect(read.resources.networks[0].metadata.position?.file == settings.watchedPath + "/a.yaml")
            #expect(input.checkout == nil)

            try input.join(first)
            input.publish(first)
            let taken = try #require(try await wait { false })
            #expect(taken.revision == first && input.checkout?.commit == first)
            let again = GitInput(settings, engine, holdsBack: true)
            await again.start(wake: {})
            #expect(again.held.joined == first && again.checkout?.commit == first)
        }
    }
}
