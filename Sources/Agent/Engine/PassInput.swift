import Manifests
import Model
import Planning

/// What a pass is to make true.
public struct PassInput: Sendable {
    /// The resources.
    public var resources: ResourceSet
    /// What is wrong with the manifests; where it has an error nothing is removed.
    public var diagnostics: [Diagnostic]
    /// Whether what is ours and not among the resources goes.
    public var prunes: Bool
    /// Names the state of the manifests.
    public var revision: String
    /// The paths, as the user gave them.
    public var paths: [String]
    /// The resources of which drift is only reported: those that say so, unless the agent says it of all.
    public var detectOnly: DetectOnly
    /// Everything goes, what is suspended too.
    var removesAll = false
    /// Errors of newer versions of manifests, of which the last good ones are used here. They do not keep this from
    /// being applied; while there are any, nothing is pruned.
    public var rejected: [Diagnostic] = []
    /// The files that count as they were before, by path, each with why in a few words: what they say now is not used.
    public var held: [String: String] = [:]
    /// What bind mounts lead to and comes with the manifests, though it is not there yet: absolute paths.
    var arriving: Set<String> = []
    /// The replicas of services that are known not to be ready; `nil`: those that an agent knows, where one runs.
    var unready: Set<String>?

    /// The input that a snapshot of manifests gives: files that are named one by one never prune, and neither does a
    /// folder without a manifest, since that is a mistake far more often than a wish.
    public init(_ snapshot: ManifestSnapshot, paths: [String]) {
        resources = snapshot.resources
        diagnostics = snapshot.diagnostics
        prunes = !snapshot.isPartial && !snapshot.files.isEmpty && !snapshot.hasErrors
        revision = snapshot.revision
        self.paths = paths
        detectOnly = .some(resources.detectOnly)
    }

    /// The input that is used in place of manifests that have errors, or are not there: what is good of a snapshot, or
    /// an older one. Never prunes.
    ///
    /// - Parameters:
    ///   - rejected: why it is not what the manifests say now.
    ///   - held: the files of the snapshot that are older ones.
    init(
        insteadOf rejected: [Diagnostic], _ snapshot: ManifestSnapshot, paths: [String], held: [String: String] = [:]
    ) {
        resources = snapshot.resources
        diagnostics = snapshot.diagnostics.filter { $0.severity != .error }
        prunes = false
        revision = snapshot.revision
        self.paths = paths
        self.rejected = rejected
        self.held = held
        detectOnly = .some(resources.detectOnly)
    }

    /// Nothing is wanted: what `destroy` makes true.
    public static let nothing = PassInput(removesAll: true)

    private init(removesAll: Bool) {
        resources = ResourceSet()
        diagnostics = []
        prunes = true
        revision = ""
        paths = []
        detectOnly = .none
        self.removesAll = removesAll
    }

    /// True where this is not what the manifests say now.
    public var isDegraded: Bool { !rejected.isEmpty }

    /// True where an error keeps the whole from being applied.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}
