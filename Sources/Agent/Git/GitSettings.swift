import LinuxHost
import Model

/// What the agent follows: one branch of one repository, and a folder in it.
public struct GitSettings: Hashable, Sendable {
    /// The repository.
    public let url: GitURL
    /// The branch, without `refs/heads/`.
    public let branch: String
    /// The folder of the manifests, relative to the top; empty for the top.
    public let path: String
    /// From one look at the branch to the next.
    public var interval: Duration
    /// A file or directory of public keys; only commits that one of them signed are accepted. `nil`: all are.
    public let keyring: String?
    /// Logins for http and https, in the format of git-credential-store(1). It is read, never written.
    public let credentials: String?
    /// Where the mirror and the checkouts are.
    let layout: GitLayout
    /// The git program; `nil`: the one along PATH.
    var program: String?
    /// Milliseconds that a small exchange may take, and one that brings objects.
    var exchangeTimeout = 30_000
    var transferTimeout = 300_000

    /// Checks what the user gave; throws `git-url`, `git-branch` or `git-path`.
    public init(
        url: String, branch: String = "main", path: String = "", interval: Duration = .seconds(30),
        keyring: String? = nil, credentials: String? = nil, engine: EngineSettings
    ) throws(Diagnostic) {
        self.url = try GitURL(url)
        guard GitNames.isBranch(branch) else {
            throw Diagnostic(
                code: "git-branch", "\"\(branch)\" cannot be the name of a branch",
                hint: "name it without refs/heads/, for instance main")
        }
        guard let folder = GitNames.folder(path) else {
            throw Diagnostic(
                code: "git-path", "\"\(path)\" is no folder inside the repository",
                hint: "it is relative to the top of the repository and has no \"..\"")
        }
        self.branch = branch
        self.path = folder
        self.interval = interval
        self.keyring = keyring.map(WorkingDirectory.absolute)
        self.credentials = credentials.map(WorkingDirectory.absolute)
        layout = GitLayout(
            dataDirectory: WorkingDirectory.absolute(engine.dataDirectory), set: engine.set,
            source: "\(self.url.text)\n\(branch)")
    }
}
