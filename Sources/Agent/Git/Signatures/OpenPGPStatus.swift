/// gpg's judgement of a signature, from its status lines (GnuPG, doc/DETAILS).
enum OpenPGPStatus {
    /// Of each signature exactly one of these is said.
    private static let judgements: [Substring: String] = [
        "EXPSIG": "the signature has expired", "EXPKEYSIG": "the key has expired", "REVKEYSIG": "the key was revoked",
        "BADSIG": "the signature does not fit the commit", "ERRSIG": "the signature cannot be checked",
    ]

    /// Who signed, with the fingerprint of the primary key; throws unless there is one signature, good, by a valid key.
    static func signer(_ text: String) throws(SignatureRefusal) -> String {
        var reasons: [String] = []
        var users: [String] = []
        var fingerprints: [Substring] = []
        for line in text.split(separator: "\n") where line.hasPrefix("[GNUPG:] ") {
            let words = line.split(separator: " ", maxSplits: 3)
            guard words.count > 1 else { continue }
            let rest = words.count > 3 ? GitWords.printable(words[3]) : ""
            switch words[1] {
            case "GOODSIG": users.append(rest)
            case "VALIDSIG": fingerprints.append(line.split(separator: " ").last ?? "")
            case "NO_PUBKEY": reasons.append("the key \(words.dropFirst(2).first ?? "") is not in the keyring")
            default:
                guard let reason = judgements[words[1]] else { continue }
                // ERRSIG has numbers where the others name the key's owner.
                reasons.append(words[1] == "ERRSIG" || rest.isEmpty ? reason : "\(reason) (\(rest))")
            }
        }
        // What is missing says more than that the rest could not be done.
        if let reason = reasons.last { throw SignatureRefusal(reason: reason) }
        guard users.count == 1, fingerprints.count == 1, isFingerprint(fingerprints[0]) else {
            throw SignatureRefusal(
                reason: users.isEmpty ? "gpg found no good signature" : "it has more than one signature")
        }
        return "\(users[0]) (\(fingerprints[0]))"
    }

    private static func isFingerprint(_ text: Substring) -> Bool {
        [40, 64].contains(text.utf8.count) && text.allSatisfy(\.isHexDigit)
    }
}
