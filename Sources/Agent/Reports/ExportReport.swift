import Drivers
import Manifests
import Model

/// What runs now, as manifests: read from the kernel and from what containers were started by, not from files.
public struct ExportReport: Sendable {
    /// The resources.
    public let resources: ResourceSet
    /// What could not be exported, or not exactly.
    public let diagnostics: [Diagnostic]

    /// One JSON document a resource.
    public var documents: [JSONValue] { ManifestWriter.documents(resources) }

    /// The same as one text of several YAML documents.
    public var yaml: String { ManifestWriter.yaml(resources) }
}

extension Engine {
    /// Reads what runs and tells it as manifests; then reads those and plans them, to say what they would change.
    public func export() async throws(Diagnostic) -> ExportReport {
        let sighting = try await observe()
        let objects = sighting.observation.objects.filter { sighting.observation.foreign[$0.key] == nil }
        let recovery = Recovery(objects: objects, facts: sighting.facts, set: settings.set)
        var diagnostics = recovery.diagnostics
        let file = ManifestDecoder.decode(
            text: ManifestWriter.yaml(recovery.resources), path: "export", directory: "/")
        let snapshot = ManifestSnapshot(files: [file])
        diagnostics += snapshot.diagnostics.filter { $0.severity == .error }
        let known = Set(diagnostics.compactMap(\.resource))
        let plan = await look(PassInput(snapshot, paths: []), at: sighting).plan
        for resource in Set((plan.changes + plan.withheld).map(\.resource)).subtracting(known).sorted() {
            diagnostics.append(
                Diagnostic(
                    .warning, code: "not-exact", "applying its manifest would change something",
                    hint: "something drifted, or the kernel does not tell all: see apply --dry-run of the export",
                    resource: resource))
        }
        return ExportReport(resources: recovery.resources, diagnostics: diagnostics)
    }
}
