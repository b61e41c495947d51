import Agent
import ArgumentParser
import Manifests
import Model

/// Options of the agent that make a branch of a git repository its source.
struct GitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Follow a git repository: https, ssh, file or a path.", valueName: "url"))
    var git: String?

    @Option(help: ArgumentHelp("The branch to follow; default main.", valueName: "name"))
    var branch: String?

    @Option(help: ArgumentHelp("The folder of the manifests in the repository; default its top.", valueName: "folder"))
    var path: String?

    @Option(
        help: ArgumentHelp("How often to look at the branch, such as 30s or 5m; default 30s.", valueName: "duration"))
    var interval: String?

    @Option(
        help: ArgumentHelp(
            "Accept only commits signed by a key of this file or directory: OpenPGP keys or allowed_signers.",
            valueName: "keyring"), completion: .file())
    var verify: String?

    @Option(
        help: ArgumentHelp("Logins for https, in the format of git-credential-store.", valueName: "file"),
        completion: .file())
    var gitCredentials: String?

    func validate() throws {
        guard git == nil else {
            do throws(Diagnostic) { _ = try settings(EngineSettings()) } catch {
                let more = [error.cause, error.hint].compactMap { $0 }.joined(separator: "; ")
                throw ValidationError(more.isEmpty ? error.message : "\(error.message): \(more)")
            }
            return
        }
        let others = [
            ("--branch", branch), ("--path", path), ("--interval", interval), ("--verify", verify),
            ("--git-credentials", gitCredentials),
        ]
        for (name, value) in others where value != nil { throw ValidationError("\(name) needs --git") }
    }

    /// What to follow; `nil` without `--git`.
    func settings(_ engine: EngineSettings) throws(Diagnostic) -> GitSettings? {
        guard let git else { return nil }
        var settings = try GitSettings(
            url: git, branch: branch ?? "main", path: path ?? "", keyring: verify, credentials: gitCredentials,
            engine: engine)
        if let interval {
            guard let duration = DurationText.parse(interval), duration >= .seconds(1) else {
                throw Diagnostic(
                    code: "git-interval", "\"\(interval)\" is no interval",
                    hint: "name at least 1s, for instance 30s or 5m")
            }
            settings.interval = duration
        }
        return settings
    }
}
