import Containers
import Model

/// What git said when it failed: fit for a log, and what it means.
struct GitWords {
    /// The end of its standard error, at most 2,000 characters, without control characters and credentials.
    let text: String
    private let timedOut: Bool

    init(_ result: Helper.Result, _ url: GitURL) {
        timedOut = result.timedOut
        let said = result.errorText.isEmpty ? "exit code \(result.code)" : result.errorText
        // Redacted first: what is cut in two is not found.
        text = String(url.redact(Self.printable(said)).suffix(2000))
    }

    /// Remote ends may send what moves a terminal's cursor.
    static func printable(_ text: some StringProtocol) -> String {
        let scalars = text.unicodeScalars.filter { $0 == "\n" || $0.properties.generalCategory != .control }
        return String(String.UnicodeScalarView(scalars))
    }

    /// As the failure of an exchange with the remote end.
    func diagnostic(_ settings: GitSettings) -> Diagnostic {
        let url = settings.url
        if timedOut {
            return Diagnostic(code: "git-timeout", "no answer from \(url) in time", cause: text)
        }
        for (code, message, hint, words) in Self.meanings where words.contains(where: says) {
            return Diagnostic(code: code, "\(message) \(url)", cause: text, hint: hint)
        }
        return Diagnostic(code: "git-unreachable", "cannot read \(url)", cause: text)
    }

    /// Whether the other end cannot serve a part of a history: it is a plain web server, or an old git.
    var refusesDepth: Bool { says("shallow") }

    private func says(_ words: String) -> Bool { text.lowercased().firstRange(of: words) != nil }

    private static let meanings: [(code: String, message: String, hint: String?, words: [String])] = [
        (
            "git-host-key", "the host key is not known of",
            "put it into /etc/ssh/ssh_known_hosts, compared with what the host's owner tells",
            ["host key verification failed"]
        ),
        (
            "git-authentication", "access is denied to",
            "for https: --git-credentials FILE; for ssh: a key without passphrase, named in root's ~/.ssh/config",
            ["authentication failed", "could not read username", "could not read password", "permission denied", "403"]
        ),
        (
            "git-ownership", "another user owns the repository",
            "with --verify git reads a repository on this host only where root owns it: chown it, or serve it by ssh",
            ["dubious ownership"]
        ),
        (
            "git-repository-missing", "there is no repository at", nil,
            ["does not appear to be a git repository", "repository not found", "' not found", "no such file"]
        ),
        (
            "git-unreachable", "cannot reach", nil,
            ["could not resolve host", "could not connect", "couldn't connect", "failed to connect", "timed out"]
        ),
    ]
}
