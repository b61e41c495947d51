import Agent
import Glibc
import Manifests
import Model

/// Finds the manifests that a command is about.
enum ManifestPaths {
    /// The paths given, else `./manifests`, else `/etc/reconcile/manifests`; throws where there is neither.
    static func resolve(_ given: [String]) throws(Diagnostic) -> [String] {
        guard given.isEmpty else { return given }
        for path in ["manifests", "/etc/reconcile/manifests"] where access(path, F_OK) == 0 { return [path] }
        throw Diagnostic(
            code: "no-manifests", "there is neither ./manifests nor /etc/reconcile/manifests",
            hint: "name the files or directories to apply: reconcile apply PATH…")
    }

    /// For commands that take no path: those of the last pass, while they are there, else the usual ones.
    static func ofLastPass(_ settings: EngineSettings) throws(Diagnostic) -> [String] {
        let last = LastPass.read(settings)?.paths ?? []
        if !last.isEmpty, last.allSatisfy({ access($0, F_OK) == 0 }) { return last }
        return try resolve([])
    }

    /// Reads manifests as the input of a pass. Of the checkout of a branch the commit is the revision, as for the agent.
    static func input(_ paths: [String]) -> PassInput { input(ManifestLoader.load(paths: paths), paths) }

    /// The same of manifests that were read.
    static func input(_ snapshot: ManifestSnapshot, _ paths: [String]) -> PassInput {
        var input = PassInput(snapshot, paths: paths)
        if paths.count == 1, let commit = GitCheckout.commit(holding: paths[0]) { input.revision = commit }
        return input
    }
}
