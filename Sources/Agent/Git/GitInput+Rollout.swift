import Manifests
import Model

/// Commits that are held back until the fleet's rollout says when.
extension GitInput {
    /// The branch's commit is the one that is rolled out.
    func join(_ commit: String) throws(Diagnostic) {
        held.joined = commit
        try held.remember(settings)
    }

    /// Asks the branch out of turn, once for what is known of the rollout.
    func ask() { if held.mayAsk() { look() } }

    /// Makes a commit the one that counts, beside everything else.
    func publish(_ commit: String) {
        guard !held.isPublishing else { return }
        held.isPublishing = true
        let (git, answers, wake) = (git, answers, wake)
        Task.detached {
            answers.add(await git.publish(commit), to: .publish)
            wake()
        }
    }

    /// What the manifests of a commit say, whether it counts or not; `nil` while its tree is being made.
    func input(of commit: String) -> Result<PassInput, Diagnostic>? {
        switch held.takePreparation(commit) {
        case nil:
            guard held.beginPreparation(commit) else { return nil }
            let (git, answers, wake) = (git, answers, wake)
            Task.detached {
                let problem = await git.prepare(commit)
                answers.add(problem.map { .failed($0, isRepeated: false) } ?? .unchanged, to: .prepare(commit))
                wake()
            }
            return nil
        case .failure(let problem): return .failure(problem)
        case .success: return .success(read(commit))
        }
    }

    /// The manifests as they will be read once the commit counts: under the name that stays the same.
    private func read(_ commit: String) -> PassInput {
        let folder = settings.path.isEmpty ? "" : "/" + settings.path
        let (own, common) = ("\(settings.layout.checkouts)/\(commit)\(folder)", settings.watchedPath)
        func renamed(_ path: String) -> String {
            path.hasPrefix(own) ? common + path.dropFirst(own.count) : path
        }
        let scan = ManifestScan(paths: [own])
        var reader = ManifestReader()
        let files = reader.read(scan).map { file in
            guard file.isRead else { return file }
            return ManifestDecoder.decode(
                bytes: file.bytes, path: renamed(file.path), directory: renamed(file.directory))
        }
        let snapshot = ManifestSnapshot(files: files, isPartial: scan.isPartial, diagnostics: scan.diagnostics)
        var input = PassInput(snapshot, paths: [common])
        input.revision = commit
        return input
    }
}
