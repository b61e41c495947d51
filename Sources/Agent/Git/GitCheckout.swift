import Glibc

/// A commit that was accepted and lies on disk.
public struct GitCheckout: Hashable, Sendable {
    /// The full id: the revision of plans and events.
    public let commit: String
    /// The first line of its message.
    public let subject: String
    /// Whose signature it was accepted for; `nil` without a keyring.
    public let signer: String?
    /// The commit that counted before, where that is no part of this one's history: the branch was rewritten.
    public let rewrittenFrom: String?
    /// The folder of the manifests, by the name that stays the same: it leads over the link that is swapped.
    public let path: String
    /// The same folder by the name of this commit, whose content never changes. It is removed when two newer commits
    /// were accepted and no container has it mounted.
    public let resolvedPath: String

    init(_ commit: GitCommit, signer: String?, rewrittenFrom: String? = nil, settings: GitSettings) {
        self.commit = commit.id
        subject = commit.subject
        self.signer = signer
        self.rewrittenFrom = rewrittenFrom
        path = settings.watchedPath
        let folder = settings.path.isEmpty ? "" : "/" + settings.path
        resolvedPath = "\(settings.layout.checkouts)/\(commit.id)\(folder)"
    }

    /// The form of the id for people: twelve digits.
    public var shortCommit: String { GitCommit.short(commit) }

    /// The commit whose checkout a path leads into, for those who read what an agent follows; `nil` for other paths.
    public static func commit(holding path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        // …/git/SET/HASH/checkouts/COMMIT/…
        let parts = String(cString: real).split(separator: "/")
        guard let index = parts.lastIndex(of: "checkouts"), index >= 3, parts[index - 3] == "git",
            parts[index - 1].utf8.count == 16, index + 1 < parts.count, GitNames.isObject(parts[index + 1])
        else { return nil }
        return String(parts[index + 1])
    }
}

extension GitSettings {
    /// What the agent reads and watches: `<data-dir>/git/SET/HASH/current/PATH`. It is not there before a commit was
    /// accepted; with each new one the link `current` is swapped.
    public var watchedPath: String { path.isEmpty ? layout.current : "\(layout.current)/\(path)" }

    /// The commit that `watchedPath` leads to just now.
    var commitInPlace: String? { GitCheckouts.current(layout) }
}
