import Testing

@testable import Agent

/// What gpg, ssh-keygen and key files say, read to the letter.
@Suite struct SignatureStatusTests {
    private let fingerprint = "3B1604BC6ADA059ABA1BFB0024BE2B424C6BECC0"
    private var good: String { "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 24BE2B424C6BECC0 Alice <alice@example.com>\n" }
    private var valid: String { "[GNUPG:] VALIDSIG \(fingerprint) 2026-01-01 1 0 4 0 22 8 00 \(fingerprint)\n" }

    private func reason(_ text: String) -> String? {
        do throws(SignatureRefusal) { _ = try OpenPGPStatus.signer(text) } catch { return error.reason }
        return nil
    }

    @Test func aGoodOne() throws {
        #expect(try OpenPGPStatus.signer(good + valid) == "Alice <alice@example.com> (\(fingerprint))")
        // Of an old subkey beside the one that signed; says nothing of the signature.
        #expect(reason("[GNUPG:] KEYEXPIRED 1\n" + good + valid) == nil)
    }

    @Test(arguments: ["EXPSIG", "EXPKEYSIG", "REVKEYSIG", "BADSIG", "ERRSIG"])
    func aBadOneBesideAGoodOne(_ word: String) {
        #expect(reason(good + valid + "[GNUPG:] \(word) 24BE2B424C6BECC0 Alice\n") != nil)
        #expect(reason("[GNUPG:] \(word) 24BE2B424C6BECC0 Alice\n" + good + valid) != nil)
        // gpg says VALIDSIG of expired and revoked keys, too.
        #expect(reason("[GNUPG:] \(word) 24BE2B424C6BECC0 Alice\n" + valid) != nil)
    }

    @Test func whatIsMissingOrTwice() {
        #expect(reason("") == "gpg found no good signature" && reason(valid) != nil)
        #expect(reason(good) != nil && reason(good + good + valid + valid) == "it has more than one signature")
        #expect(reason(good + "[GNUPG:] VALIDSIG\n") != nil && reason(good + "[GNUPG:] VALIDSIG 12\n") != nil)
        let unknown = "[GNUPG:] ERRSIG 24BE2B424C6BECC0 22 8 00 1 9\n[GNUPG:] NO_PUBKEY 24BE2B424C6BECC0\n"
        #expect(reason(unknown) == "the key 24BE2B424C6BECC0 is not in the keyring")
        // Only gpg's own lines count.
        #expect(reason("gpg: " + good + " [GNUPG:] VALIDSIG \(fingerprint)\n") != nil)
    }

    @Test func ssh() throws {
        let line = "Good \"git\" signature for alice@example.com with ED25519 key SHA256:rQl\n"
        #expect(try SSHStatus.signer(line) == "alice@example.com with ED25519 key SHA256:rQl")
        for text in ["", "Good \"git\" signature with ED25519 key SHA256:rQl\nNo principal matched.\n", "x " + line] {
            #expect(throws: SignatureRefusal.self) { try SSHStatus.signer(text) }
        }
    }

    private func kind(_ text: String) throws -> KeyFile.Kind { try KeyFile(Array(text.utf8)).kind }

    @Test func keyFiles() throws {
        #expect(try kind("-----BEGIN PGP PUBLIC KEY BLOCK-----\n") == .openPGP)
        #expect(try KeyFile([0x98, 0x33]).kind == .openPGP && KeyFile([0xc6, 0x33]).kind == .openPGP)
        #expect(try KeyFile([0, 0, 0, 32, 1, 1, 0, 2] + Array("KBXf".utf8)).kind == .keybox)
        #expect(
            try kind("# us\n\na@b ssh-ed25519 AAAA x\nc@d,e@f valid-after=\"2026\" ssh-rsa AA\n") == .allowedSigners)
    }

    @Test(arguments: [
        ("", "it is empty"), ("# nobody\n", "it is empty"), ("ssh-ed25519 AAAA alice", "whom it belongs to"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\n", "a private key"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----", "a private key"),
        ("a: b\n", "neither"), ("a@b ssh-ed25519 AAAA\nnonsense\n", "neither"),
    ])
    func noKeyFiles(_ text: String, _ words: String) {
        #expect { try KeyFile(Array(text.utf8)) } throws: { ($0 as? KeyFile.Refusal)?.cause.contains(words) == true }
    }

    @Test func secretAndOtherPackets() {
        #expect(throws: KeyFile.Refusal.self) { try KeyFile([0x94, 0x58]) }
        #expect(throws: KeyFile.Refusal.self) { try KeyFile([0xc5, 0x58]) }
        #expect(throws: KeyFile.Refusal.self) { try KeyFile([0x88, 0x58]) }
    }

    @Test func commits() {
        func signature(_ header: String) -> GitCommit.Signature {
            GitCommit(id: "x", text: "tree 1\n\(header)\n AAAA\n\nSubject\n\nBody\n").signature
        }
        #expect(signature("gpgsig -----BEGIN PGP SIGNATURE-----") == .openPGP)
        #expect(signature("gpgsig-sha256 -----BEGIN SSH SIGNATURE-----") == .ssh)
        #expect(signature("gpgsig -----BEGIN SIGNED MESSAGE-----") == .other && signature("author a") == .none)
        // In the message it is only text.
        let text = "tree 1\n\ngpgsig -----BEGIN PGP SIGNATURE-----\n"
        #expect(GitCommit(id: "x", text: text).signature == .none)
        let long = GitCommit(id: "x", text: "tree 1\n\n\u{1b}[2J" + String(repeating: "x", count: 100)).subject
        #expect(long.count == 72 && long.hasPrefix("[2Jx") && long.hasSuffix("…"))
        #expect(GitCommit(id: "x", text: "tree 1\n").subject == "")
    }
}
