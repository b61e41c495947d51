/// A commit as git keeps it.
struct GitCommit {
    /// What a commit is signed with.
    enum Signature: Hashable {
        case none
        case openPGP
        case ssh
        case other
    }

    let id: String
    /// The first line of its message, without control characters, at most 72 of them.
    let subject: String
    let signature: Signature

    /// Reads the object: headers, an empty line, the message.
    init(id: String, text: String) {
        self.id = id
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let headers = lines.prefix { !$0.isEmpty }
        let message = lines.dropFirst(headers.count).first { !$0.isEmpty } ?? ""
        let words = GitWords.printable(message)
        subject = words.count > 72 ? words.prefix(71) + "…" : words
        let signed = headers.first { $0.hasPrefix("gpgsig ") || $0.hasPrefix("gpgsig-sha256 ") }
        signature =
            switch signed?.drop(while: { $0 != " " }).dropFirst() {
            case nil: .none
            case "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----": .openPGP
            case "-----BEGIN SSH SIGNATURE-----": .ssh
            default: .other
            }
    }

    /// The form of an id for people: its first twelve digits.
    static func short(_ id: String) -> String { String(id.prefix(12)) }
}
