/// ssh-keygen's judgement of a signature, as git passes it on.
enum SSHStatus {
    /// The principal that signed, with the key; throws unless it is one of the allowed_signers file.
    ///
    /// `Good "git" signature for PRINCIPAL with …` is said only of those; of a stranger's it says
    /// `Good "git" signature with …`, then `No principal matched.` (ssh-keygen(1), -Y verify).
    static func signer(_ text: String) throws(SignatureRefusal) -> String {
        let good = "Good \"git\" signature for "
        let lines = text.split(separator: "\n")
        if let line = lines.first(where: { $0.hasPrefix(good) }) {
            return GitWords.printable(line.dropFirst(good.count))
        }
        let isStranger = lines.contains { $0.hasPrefix("Good \"git\" signature with ") }
        throw .init(
            reason: isStranger ? "the key is not in the keyring" : "the signature does not fit the commit")
    }
}
