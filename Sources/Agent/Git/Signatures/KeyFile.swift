/// A file of public keys, and what kind it is.
struct KeyFile: Sendable {
    enum Kind: Hashable, Sendable {
        /// OpenPGP packets, as `gpg --export` writes them, with or without `--armor`.
        case openPGP
        /// gpg's own pubring.kbx.
        case keybox
        /// An allowed_signers file (ssh-keygen(1), ALLOWED SIGNERS).
        case allowedSigners
    }

    let kind: Kind
    let bytes: [UInt8]

    /// Why a file is not taken: what it is, and what would be right.
    struct Refusal: Error {
        let cause: String
        let hint: String
    }

    init(_ bytes: [UInt8]) throws(Refusal) {
        self.bytes = bytes
        kind = try Self.kind(bytes)
    }

    private static func kind(_ bytes: [UInt8]) throws(Refusal) -> Kind {
        // The header blob of a keybox has its name at byte 8 (GnuPG, doc/DETAILS of kbx).
        if bytes.dropFirst(8).starts(with: "KBXf".utf8) { return .keybox }
        // RFC 9580, 4.2: the tag of the first packet, in the old format and the new. 6 is a public key, 5 a secret one.
        if let first = bytes.first, first & 0x80 != 0 {
            switch first & 0x40 == 0 ? first >> 2 & 0x0f : first & 0x3f {
            case 6: return .openPGP
            case 5: throw secret
            default: throw unknown
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if text.firstRange(of: "PRIVATE KEY") != nil { throw secret }
        if text.firstRange(of: "-----BEGIN PGP PUBLIC KEY BLOCK-----") != nil { return .openPGP }
        return try signers(text)
    }

    private static func signers(_ text: String) throws(Refusal) -> Kind {
        var isEmpty = true
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let first = words.first else { continue }
            if isKeyType(first) {
                throw Refusal(
                    cause: "a line begins with the key: whom it belongs to is missing",
                    hint: "put the signer first: alice@example.com \(first) AAAA…")
            }
            guard words.dropFirst().contains(where: isKeyType) else { throw unknown }
            isEmpty = false
        }
        if isEmpty { throw Refusal(cause: "it is empty", hint: "with no key in it no commit would be accepted") }
        return .allowedSigners
    }

    private static func isKeyType(_ word: Substring) -> Bool {
        ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].contains { word.hasPrefix($0) }
    }

    private static let secret = Refusal(
        cause: "it holds a private key", hint: "only public keys are needed, and the private one should be elsewhere")
    private static let unknown = Refusal(
        cause: "it holds neither OpenPGP keys nor an allowed_signers list",
        hint: "gpg --armor --export ALICE > FILE, or lines such as: alice@example.com ssh-ed25519 AAAA…")
}
