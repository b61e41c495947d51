import Containers
import Model

/// Says whether a key of the keyring signed a commit, through `git verify-commit`.
struct SignatureCheck {
    let git: GitProgram
    let settings: GitSettings
    let keyring: Keyring

    /// Who signed it; throws `git-commit-refused`.
    func signer(of commit: GitCommit) throws(Diagnostic) -> String {
        guard commit.signature == .openPGP || commit.signature == .ssh else {
            throw refusal(
                commit, commit.signature == .none ? "it is not signed" : "its signature is of an unknown kind")
        }
        let home = try keyring.prepare(settings.layout)
        let result = try git.run(
            [
                "-c", "gpg.ssh.allowedSignersFile=\(home)/allowed_signers", "-c", "gpg.minTrustLevel=undefined",
                "verify-commit", "--raw", commit.id,
            ],
            in: settings.layout.repository, environment: ["GNUPGHOME": home + "/gnupg"],
            timeout: settings.exchangeTimeout)
        let said = String(decoding: result.error, as: UTF8.self)
        let words = GitWords(result, settings.url).text
        do throws(SignatureRefusal) {
            let signer =
                try commit.signature == .openPGP ? OpenPGPStatus.signer(said) : SSHStatus.signer(said)
            guard result.code == 0, !result.timedOut else { throw .init(reason: "git does not accept it") }
            return signer
        } catch {
            throw refusal(commit, error.reason, cause: words)
        }
    }

    private func refusal(_ commit: GitCommit, _ reason: String, cause: String? = nil) -> Diagnostic {
        Diagnostic(
            code: "git-commit-refused",
            "commit \(GitCommit.short(commit.id)) of \(settings.branch) is not accepted: \(reason)", cause: cause,
            hint: "push a commit that a key of \(keyring.path) signed on top of it")
    }
}
