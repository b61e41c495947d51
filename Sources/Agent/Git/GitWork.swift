import Containers
import Glibc
import Model

/// The steps from a branch to a checkout. All of it blocks the calling thread.
struct GitWork: Sendable {
    let settings: GitSettings
    private var layout: GitLayout { settings.layout }

    /// Looks at the branch; `nil` where it is at the commit that was accepted last.
    ///
    /// - Parameter holding: the commit that goes on to count, where the new one is not to count at once.
    func update(_ last: GitCheckout?, holding: GitCheckout? = nil, isHeld: Bool = false) throws(GitFailure)
        -> GitCheckout?
    {
        try locked { (git) throws(Diagnostic) in
            let mirror = GitMirror(git: git, settings: settings)
            let head = try mirror.remoteTip()
            if head == last?.commit { return nil }
            let tip = try mirror.fetch(head)
            if tip == last?.commit { return nil }
            return try accept(
                try mirror.commit(tip), mirror, git, after: last, keeping: holding?.commit, isHeld: isHeld)
        }
    }

    /// Makes the tree of a commit that was accepted, newest or not, and answers with it.
    func prepare(_ id: String) throws(GitFailure) -> GitCheckout {
        try locked { (git) throws(Diagnostic) in try tree(id, git) }
    }

    /// Lets a commit that was accepted count.
    ///
    /// - Parameter keeping: those whose trees are kept, beside its own.
    func publish(_ id: String, keeping: [String]) throws(GitFailure) -> GitCheckout {
        try locked { (git) throws(Diagnostic) in
            let checkout = try tree(id, git)
            let checkouts = GitCheckouts(git: git, layout: layout)
            try checkouts.publish(id)
            checkouts.prune(keeping: Set(keeping + [id]))
            return checkout
        }
    }

    private func tree(_ id: String, _ git: GitProgram) throws(Diagnostic) -> GitCheckout {
        let mirror = GitMirror(git: git, settings: settings)
        try mirror.bring(id)
        let commit = try mirror.commit(id)
        let signer = try restoredSigner(commit, git)
        var tree = try CheckoutTree(try GitCheckouts(git: git, layout: layout).make(id), commit: id)
        try tree.check(settings.path)
        return GitCheckout(commit, signer: signer, settings: settings)
    }

    private func locked<Answer>(
        _ body: (GitProgram) throws(Diagnostic) -> Answer
    ) throws(GitFailure) -> Answer {
        do throws(Diagnostic) {
            try layout.make()
            let lock = try layout.lock()
            defer { withExtendedLifetime(lock) {} }
            return try body(try GitProgram(settings, lock: lock.number))
        } catch {
            throw GitFailure(error, isRefusal: Self.refusals.contains(error.code))
        }
    }

    /// What is wrong with a commit, not with the way to it.
    private static let refusals: Set<String> = ["git-commit-refused", "git-path", "git-keyring"]

    /// Checks first, then makes the tree, then lets it count.
    private func accept(
        _ commit: GitCommit, _ mirror: GitMirror, _ git: GitProgram, after current: GitCheckout?,
        keeping kept: String?, isHeld: Bool
    ) throws(Diagnostic) -> GitCheckout {
        let keyring = try settings.keyring.map { path throws(Diagnostic) in try Keyring.read(path) }
        let signer = try keyring.map { keyring throws(Diagnostic) in
            try SignatureCheck(git: git, settings: settings, keyring: keyring).signer(of: commit)
        }
        let checkouts = GitCheckouts(git: git, layout: layout)
        var tree = try CheckoutTree(try checkouts.make(commit.id), commit: commit.id)
        try tree.check(settings.path)
        try note(commit.id, keyring, signer)
        if !isHeld { try checkouts.publish(commit.id) }
        checkouts.prune(keeping: Set([commit.id, current?.commit, kept].compactMap { $0 }))
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
        for noted in acceptances where noted[0] == commit.id && noted[1] == keyring.hash { return noted[2] }
        let signer = try SignatureCheck(git: git, settings: settings, keyring: keyring).signer(of: commit)
        try note(commit.id, keyring, signer)
        return signer
    }

    /// Commit, keyring and signer of those that were accepted, newest first.
    private var acceptances: [[String]] {
        let lines = Files.text(layout.accepted)?.split(separator: "\n").map(String.init) ?? []
        return stride(from: 0, to: lines.count - lines.count % 3, by: 3).map { Array(lines[$0..<($0 + 3)]) }
    }

    /// More than one is remembered: a commit may be gone back to.
    private func note(_ commit: String, _ keyring: Keyring?, _ signer: String?) throws(Diagnostic) {
        let others = acceptances.filter { $0[0] != commit }.prefix(7)
        let lines = [[commit, keyring?.hash ?? "-", signer ?? "-"]] + others
        try Files.writeAtomically(lines.joined().joined(separator: "\n") + "\n", to: layout.accepted)
    }
}
