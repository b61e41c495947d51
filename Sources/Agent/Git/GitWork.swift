import Containers
import Glibc
import Model

/// The steps from a branch to a checkout. All of it blocks the calling thread.
struct GitWork: Sendable {
    let settings: GitSettings
    private var layout: GitLayout { settings.layout }

    /// Looks at the branch; `nil` where it is at the commit that counts.
    func update(_ current: GitCheckout?) throws(GitFailure) -> GitCheckout? {
        do throws(Diagnostic) { return try look(current) } catch {
            throw GitFailure(error, isRefusal: Self.refusals.contains(error.code))
        }
    }

    private func look(_ current: GitCheckout?) throws(Diagnostic) -> GitCheckout? {
        try layout.make()
        let lock = try layout.lock()
        defer { withExtendedLifetime(lock) {} }
        let git = try GitProgram(settings, lock: lock.number)
        let mirror = GitMirror(git: git, settings: settings)
        let head = try mirror.remoteTip()
        if head == current?.commit { return nil }
        let tip = try mirror.fetch(head)
        if tip == current?.commit { return nil }
        return try accept(try mirror.commit(tip), mirror, git, after: current)
    }

    /// What is wrong with a commit, not with the way to it.
    private static let refusals: Set<String> = ["git-commit-refused", "git-path", "git-keyring"]

    /// Checks first, then makes the tree, then lets it count.
    private func accept(
        _ commit: GitCommit, _ mirror: GitMirror, _ git: GitProgram, after current: GitCheckout?
    ) throws(Diagnostic) -> GitCheckout {
        let keyring = try settings.keyring.map { path throws(Diagnostic) in try Keyring.read(path) }
        let signer = try keyring.map { keyring throws(Diagnostic) in
            try SignatureCheck(git: git, settings: settings, keyring: keyring).signer(of: commit)
        }
        let checkouts = GitCheckouts(git: git, layout: layout)
        var tree = try CheckoutTree(try checkouts.make(commit.id), commit: commit.id)
        try tree.check(settings.path)
        try note(commit.id, keyring, signer)
        try checkouts.publish(commit.id)
        checkouts.prune(keeping: Set([commit.id, current?.commit].compactMap { $0 }))
        let isRewritten = current.map { mirror.isRewritten(from: $0.commit, to: commit.id) } ?? false
        return GitCheckout(
            commit, signer: signer, rewrittenFrom: isRewritten ? current?.commit : nil, settings: settings)
    }

    /// The checkout that an earlier agent left, if it still is acceptable; needs no network. Where it is not, the link
    /// goes, and nothing counts until the branch was read.
    func restore() throws(GitFailure) -> GitCheckout? {
        guard let id = GitCheckouts.current(layout) else { return nil }
        do throws(Diagnostic) {
            let git = try GitProgram(settings, lock: nil)
            let commit = try GitMirror(git: git, settings: settings).commit(id)
            let signer = try restoredSigner(commit, git)
            var tree = try CheckoutTree("\(layout.checkouts)/\(id)", commit: id)
            try tree.check(settings.path)
            return GitCheckout(commit, signer: signer, settings: settings)
        } catch {
            unlink(layout.current)
            throw GitFailure(error, isRefusal: true)
        }
    }

    /// A commit that was accepted stays so while the keyring is the same, even where the key has expired since. With
    /// another keyring it is checked again: a key that was taken out must not count any longer.
    private func restoredSigner(_ commit: GitCommit, _ git: GitProgram) throws(Diagnostic) -> String? {
        guard let path = settings.keyring else { return nil }
        let keyring = try Keyring.read(path)
        let noted = Files.text(layout.accepted)?.split(separator: "\n") ?? []
        if noted.count == 3, noted[0] == commit.id, noted[1] == keyring.hash { return String(noted[2]) }
        let signer = try SignatureCheck(git: git, settings: settings, keyring: keyring).signer(of: commit)
        try note(commit.id, keyring, signer)
        return signer
    }

    private func note(_ commit: String, _ keyring: Keyring?, _ signer: String?) throws(Diagnostic) {
        try Files.writeAtomically(
            [commit, keyring?.hash ?? "-", signer ?? "-"].joined(separator: "\n") + "\n", to: layout.accepted)
    }
}
