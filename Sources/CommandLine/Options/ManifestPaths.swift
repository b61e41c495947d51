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

    /// For commands that take no path: those of the set's agent, while it runs; else those of the last pass, while they
    /// are there; else the usual ones.
    static func inForce(_ settings: EngineSettings) throws(Diagnostic) -> [String] {
        if let agent = AgentNote.read(settings), !agent.manifests.isEmpty { return [agent.manifests] }
        let last = LastPass.read(settings)?.paths ?? []
        if !last.isEmpty, last.allSatisfy({ access($0, F_OK) == 0 }) { return last }
        do throws(Diagnostic) { return try resolve([]) } catch {
            guard let gone = last.first(where: { access($0, F_OK) != 0 }) else { throw error }
            throw Diagnostic(
                code: "no-manifests", "the manifests of the last pass are not there any more: \(gone)",
                hint: "name others: reconcile status PATH…")
        }
    }

    /// What counts for a set now: what its agent takes its manifests for, while it runs, else what they say.
    static func inputInForce(_ settings: EngineSettings) throws(Diagnostic) -> PassInput {
        guard let agent = AgentNote.read(settings), !agent.manifests.isEmpty else {
            return input(try inForce(settings))
        }
        return revised(ManifestsInForce.read(agent.manifests, settings))
    }

    /// Reads manifests as the input of a pass. Of the checkout of a branch the commit is the revision, as for the agent.
    static func input(_ paths: [String]) -> PassInput { input(ManifestLoader.load(paths: paths), paths) }

    /// The same of manifests that were read.
    static func input(_ snapshot: ManifestSnapshot, _ paths: [String]) -> PassInput {
        revised(PassInput(snapshot, paths: paths))
    }

    private static func revised(_ input: PassInput) -> PassInput {
        var input = input
        if input.paths.count == 1, let commit = GitCheckout.commit(holding: input.paths[0]) { input.revision = commit }
        return input
    }
}
