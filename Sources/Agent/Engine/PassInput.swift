import Manifests
import Model

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

    /// The input that a snapshot of manifests gives: files that are named one by one never prune, and neither does a
    /// folder without a manifest, since that is a mistake far more often than a wish.
    public init(_ snapshot: ManifestSnapshot, paths: [String]) {
        resources = snapshot.resources
        diagnostics = snapshot.diagnostics
        prunes = !snapshot.isPartial && !snapshot.files.isEmpty
        revision = snapshot.revision
        self.paths = paths
    }

    /// Nothing is wanted: what `destroy` makes true.
    public static let nothing = PassInput(
        resources: ResourceSet(), diagnostics: [], prunes: true, revision: "", paths: [])

    private init(
        resources: ResourceSet, diagnostics: [Diagnostic], prunes: Bool, revision: String, paths: [String]
    ) {
        self.resources = resources
        self.diagnostics = diagnostics
        self.prunes = prunes
        self.revision = revision
        self.paths = paths
    }

    /// True where an error keeps the whole from being applied.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}
