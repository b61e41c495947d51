import Containers
import Glibc
import Model

/// The bare mirror of one branch. All of it blocks the calling thread.
struct GitMirror {
    static let tip = "refs/reconcile/tip"

    let git: GitProgram
    let settings: GitSettings

    private var repository: String { settings.layout.repository }
    private var reference: String { "refs/heads/\(settings.branch)" }

    /// Asks the other end which commit the branch is at: one small exchange.
    func remoteTip() throws(Diagnostic) -> String {
        // Patterns also match longer names that end so.
        if let tip = try references(reference).first(where: { $0.name == reference }) { return tip.commit }
        var names: [String] = []
        for found in try references("refs/heads/*") where found.name.hasPrefix("refs/heads/") {
            names.append(GitWords.printable(found.name.dropFirst("refs/heads/".count)))
        }
        let shown = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
        throw Diagnostic(
            code: "git-branch-missing", "\(settings.url) has no branch \(settings.branch)",
            hint: names.isEmpty ? "the repository has no branch at all" : "its branches: \(shown)")
    }

    private func references(_ pattern: String) throws(Diagnostic) -> [(commit: String, name: String)] {
        let result = try git.run(
            ["ls-remote", "--quiet", "--", settings.url.text, pattern], timeout: settings.exchangeTimeout)
        guard result.code == 0 else { throw GitWords(result, settings.url).diagnostic(settings) }
        return result.outputText.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "\t")
            guard parts.count == 2, GitNames.isObject(parts[0]) else { return nil }
            return (String(parts[0]), String(parts[1]))
        }
    }

    /// Brings the branch here, unless it is, and answers with its commit: that of now, where it moved on since
    /// `remoteTip` was asked.
    ///
    /// The first time only the newest commit is fetched; later what joins it to that, so that a rewritten branch shows. A
    /// mirror in which that fails is made anew: a git that was killed leaves locks behind, or less.
    func fetch(_ expected: String) throws(Diagnostic) -> String {
        if Files.exists(repository) {
            if let tip = try? localTip(repository), tip == expected { return tip }
            if (try? fetch(into: repository, depth: [])) != nil, let tip = try? localTip(repository) { return tip }
        }
        let fresh = "\(settings.layout.directory)/\(Files.temporaryName())"
        do throws(Diagnostic) {
            let format = expected.utf8.count == 64 ? ["--object-format=sha256"] : []
            try git.local(["init", "--quiet", "--bare"] + format, in: fresh)
            try fetch(into: fresh, depth: ["--depth=1"])
            let tip = try localTip(fresh)
            try Files.removeTree(repository)
            guard rename(fresh, repository) == 0 else { throw systemError("cannot make \(repository)", call: "rename") }
            return tip
        } catch {
            try? Files.removeTree(fresh)
            throw error
        }
    }

    private func fetch(into repository: String, depth: [String]) throws(Diagnostic) {
        let result = try git.run(
            ["fetch", "--quiet", "--no-tags", "--update-shallow", "--no-write-fetch-head"] + depth
                + ["--", settings.url.text, "+\(reference):\(Self.tip)"],
            in: repository, timeout: settings.transferTimeout)
        guard result.code != 0 else { return }
        let words = GitWords(result, settings.url)
        if !depth.isEmpty, words.refusesDepth { return try fetch(into: repository, depth: []) }
        throw words.diagnostic(settings)
    }

    private func localTip(_ repository: String) throws(Diagnostic) -> String {
        let line = try git.local(["rev-parse", "--verify", "--quiet", "\(Self.tip)^{commit}"], in: repository)
        let tip = line.prefix { $0 != "\n" }
        guard GitNames.isObject(tip) else {
            throw Diagnostic(code: "git-failed", "git rev-parse names no commit", cause: String(tip.prefix(80)))
        }
        return String(tip)
    }

    /// Brings a commit here that is none of the branch's newest, unless it is here: a mirror that was made lately knows
    /// nothing of what was before.
    func bring(_ id: String) throws(Diagnostic) {
        let known = try git.run(
            ["cat-file", "-e", "\(id)^{commit}"], in: repository, timeout: settings.exchangeTimeout)
        guard known.code != 0 else { return }
        let result = try git.run(
            [
                "fetch", "--quiet", "--no-tags", "--update-shallow", "--no-write-fetch-head", "--depth=1", "--",
                settings.url.text, "+\(id):refs/reconcile/former",
            ], in: repository, timeout: settings.transferTimeout)
        guard result.code == 0 else { throw GitWords(result, settings.url).diagnostic(settings) }
    }

    /// What a commit says of itself.
    func commit(_ id: String) throws(Diagnostic) -> GitCommit {
        GitCommit(id: id, text: try git.local(["cat-file", "commit", id]))
    }

    /// Whether a commit is no part of another's history; `false` where it cannot be told, since the mirror was made anew.
    func isRewritten(from old: String, to new: String) -> Bool {
        // git-merge-base(1): 1 is no, anything else an error.
        let result = try? git.run(
            ["merge-base", "--is-ancestor", old, new], in: repository, timeout: settings.exchangeTimeout)
        return result?.code == 1
    }
}
