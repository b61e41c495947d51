import Containers
import Foundation
import Model
import Testing

@testable import Agent

/// Only what a key of the keyring signed is accepted; everything else leaves the last good commit where it is.
@Suite struct SignedCommitTests {
    private func refusal(_ update: GitUpdate, _ commit: String) throws -> String {
        let failure = try #require(update.failure)
        #expect(failure.code == "git-commit-refused" && failure.message.contains(String(commit.prefix(12))))
        #expect(update.events(branch: "main", revision: "", time: 0).map(\.kind) == [.failed])
        return failure.message
    }

    @Test func openPGP() async throws {
        try await GitFixture.run { fixture in
            let keys = GitKeys(fixture: fixture)
            let (alice, eve) = (try keys.openPGP("alice"), try keys.openPGP("eve"))
            let settings = try fixture.settings(keyring: fixture.directory + "/alice.asc")
            let source = fixture.source(settings)

            let unsigned = try fixture.commit(["a.yaml": "0"])
            #expect(try refusal(await source.update(), unsigned).contains("it is not signed"))
            #expect(!Files.exists(settings.watchedPath))

            let good = try fixture.commit(["a.yaml": "1"], ["-S"], alice)
            let checkout = try #require(await source.update().checkout)
            #expect(checkout.commit == good && checkout.signer?.hasPrefix("alice <alice@example.com> (") == true)
            let text = checkout.signer.map { "commit \(good.prefix(12)) \"Change a.yaml\", signed by \($0)" }
            #expect(GitUpdate.new(checkout).events(branch: "main", revision: "", time: 0).map(\.cause) == [text])

            let stranger = try fixture.commit(["a.yaml": "2"], ["-S"], eve)
            let message = try refusal(await source.update(), stranger)
            #expect(message.contains("is not in the keyring; commit \(good.prefix(12)) keeps running"))
            #expect(fixture.text("a.yaml", settings) == "1")
            // Nothing of it was checked out, and it is not told twice, nor asked for less often.
            #expect(fixture.checkouts(settings) == [good])
            let again = await source.update()
            #expect(again == .failed(try #require(again.failure), isRepeated: true))
            #expect(await source.nextDeadline == fixture.clock.now + .seconds(30))

            // Only the newest commit needs a signature.
            let better = try fixture.commit(["a.yaml": "3"], ["-S"], alice)
            #expect(await source.update().checkout?.commit == better && fixture.text("a.yaml", settings) == "3")
            for name in ["alice", "eve"] { try keys.finish(name) }
        }
    }

    @Test func ssh() async throws {
        try await GitFixture.run { fixture in
            let keys = GitKeys(fixture: fixture)
            let (alice, eve) = (try keys.ssh("alice"), try keys.ssh("eve"))
            let settings = try fixture.settings(keyring: fixture.directory + "/alice.signers")
            let source = fixture.source(settings)
            let stranger = try fixture.commit(["a.yaml": "0"], ["-S"], eve)
            #expect(try refusal(await source.update(), stranger).contains("the key is not in the keyring"))
            let good = try fixture.commit(["a.yaml": "1"], ["-S"], alice)
            let checkout = try #require(await source.update().checkout)
            #expect(
                checkout.commit == good && checkout.signer?.hasPrefix("alice@example.com with ED25519 key ") == true)
            let unsigned = try fixture.commit(["a.yaml": "2"])
            #expect(try refusal(await source.update(), unsigned).contains("it is not signed"))
            #expect(fixture.text("a.yaml", settings) == "1")
        }
    }

    /// The signature is there, but the commit is another.
    @Test(arguments: [true, false])
    func changedAfterItWasSigned(_ isSSH: Bool) async throws {
        try await GitFixture.run { fixture in
            let keys = GitKeys(fixture: fixture)
            let alice = isSSH ? try keys.ssh("alice") : try keys.openPGP("alice")
            try fixture.commit(["a.yaml": "1"], ["-S"], alice)
            let forged = try fixture.sh(
                """
                cd remote; git cat-file commit HEAD | sed 's/Change/Forge/' | git hash-object -w -t commit --stdin
                """)
            try fixture.git(["update-ref", "refs/heads/main", forged])
            let settings = try fixture.settings(keyring: fixture.directory + (isSSH ? "/alice.signers" : "/alice.asc"))
            let message = try refusal(await fixture.source(settings).update(), forged)
            #expect(message.contains("the signature does not fit the commit"))
            if !isSSH { try keys.finish("alice") }
        }
    }

    @Test func expiredAndRevokedKeys() async throws {
        try await GitFixture.run { fixture in
            let keys = GitKeys(fixture: fixture)
            let (bob, carol) = (try keys.openPGP("bob", at: GitKeys.longAgo), try keys.openPGP("carol"))
            let expired = try fixture.commit(["a.yaml": "1"], ["-S"], bob)
            var settings = try fixture.settings(keyring: fixture.directory + "/bob.asc")
            #expect(
                try refusal(await fixture.source(settings).update(), expired)
                    .contains("the key has expired (bob <bob@example.com>)"))

            let revoked = try fixture.commit(["a.yaml": "2"], ["-S"], carol)
            // gpg keeps a certificate at hand, with a colon before it so that it is not used by mistake.
            try fixture.sh("sed 's/^:-/-/' carol/openpgp-revocs.d/*.rev | carol/gpg --quiet --batch --import")
            try fixture.sh("carol/gpg --armor --export >carol.asc")
            settings = try fixture.settings(keyring: fixture.directory + "/carol.asc")
            #expect(
                try refusal(await fixture.source(settings).update(), revoked)
                    .contains("the key was revoked (carol <carol@example.com>)"))
            for name in ["bob", "carol"] { try keys.finish(name) }
        }
    }

    /// A directory of keys of both kinds, gpg's own directory, and a binary export.
    @Test func everyKindOfKeyring() async throws {
        try await GitFixture.run { fixture in
            let keys = GitKeys(fixture: fixture)
            let (alice, bob) = (try keys.openPGP("alice"), try keys.ssh("bob"))
            try fixture.sh("mkdir keys; cp alice.asc bob.signers keys; alice/gpg --export >alice.gpg")
            let good = try fixture.commit(["a.yaml": "1"], ["-S"], alice)
            for keyring in ["keys", "alice", "alice/pubring.kbx", "alice.gpg"] {
                let source = fixture.source(try fixture.settings(keyring: "\(fixture.directory)/\(keyring)"))
                #expect(await source.update().checkout?.commit == good, "\(keyring)")
                #expect(await source.current?.signer?.hasPrefix("alice <") == true)
                try fixture.sh("rm -r data")
            }
            let next = try fixture.commit(["a.yaml": "2"], ["-S"], bob)
            let source = fixture.source(try fixture.settings(keyring: fixture.directory + "/keys"))
            #expect(await source.update().checkout?.commit == next)
            try keys.finish("alice")
        }
    }

    @Test func whatIsNoKeyring() async throws {
        try await GitFixture.run { fixture in
            _ = try GitKeys(fixture: fixture).ssh("alice")
            try fixture.commit(["a.yaml": "1"])
            try fixture.sh("mkdir none; echo nonsense >text")
            for (keyring, words) in [
                ("none", "there is no key in"), ("missing", "cannot read"), ("text", "is no keyring"),
                ("alice.key", "is no keyring"),
            ] {
                let settings = try fixture.settings(keyring: "\(fixture.directory)/\(keyring)")
                let failure = try #require(await fixture.source(settings).update().failure)
                #expect(failure.code == "git-keyring" && failure.message.contains(words))
                #expect(!Files.exists(settings.watchedPath))
            }
        }
    }

    /// A commit that was accepted is accepted after a restart too, while the keyring is the same; a key that was taken
    /// out of it counts no longer, and one that was put in counts at once.
    @Test func theKeyringChanges() async throws {
        try await GitFixture.run { fixture in
            let keys = GitKeys(fixture: fixture)
            let alice = try keys.ssh("alice")
            _ = try keys.ssh("bob")
            let good = try fixture.commit(["a.yaml": "1"], ["-S"], alice)
            let settings = try fixture.settings(keyring: fixture.directory + "/signers")
            try fixture.sh("cp alice.signers signers")
            #expect(await fixture.source(settings).update().checkout?.commit == good)
            try fixture.sh("mv remote away")
            let restored = fixture.source(settings)
            #expect(await restored.restore().checkout?.signer?.hasPrefix("alice@") == true)

            // Another key more: it is checked again, in what was fetched.
            try fixture.sh("cat alice.signers bob.signers >signers")
            #expect(await fixture.source(settings).restore().checkout?.commit == good)

            try fixture.sh("cp bob.signers signers")
            let source = fixture.source(settings)
            #expect(await source.restore().failure?.code == "git-commit-refused")
            #expect(await source.current == nil)
            #expect(!Files.exists(settings.watchedPath))
            try fixture.sh("mv away remote")
            // The same refusal, which was told already.
            let again = await source.update()
            #expect(again == .failed(try #require(await source.problem), isRepeated: true))

            try fixture.sh("cat alice.signers bob.signers >signers")
            #expect(await source.update().checkout?.commit == good && fixture.text("a.yaml", settings) == "1")
        }
    }

    /// What an agent without a keyring accepted does not count for one with.
    @Test func aKeyringThatIsNew() async throws {
        try await GitFixture.run { fixture in
            _ = try GitKeys(fixture: fixture).ssh("alice")
            try fixture.commit(["a.yaml": "1"])
            #expect(await fixture.source(try fixture.settings()).update().checkout != nil)
            let settings = try fixture.settings(keyring: fixture.directory + "/alice.signers")
            #expect(await fixture.source(settings).restore().failure?.code == "git-commit-refused")
            #expect(!Files.exists(settings.watchedPath))
        }
    }
}
