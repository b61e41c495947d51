import Agent
import Manifests
import Model

/// Finds the resources that a user names, among those that the manifests of the last pass or the kernel have.
enum KnownResources {
    /// The resources of some `KIND/NAME`; throws where one is unknown, with what was probably meant.
    static func find(_ names: [String], _ settings: EngineSettings) async throws(Diagnostic) -> [ResourceID] {
        guard !names.isEmpty else { return [] }
        let suspended = Set(Suspensions.read(settings).resources.keys)
        var known = suspended
        // What is suspended can always be named; for all else the manifests and the kernel are asked.
        if !names.allSatisfy({ name in ResourceID(name).map(suspended.contains) ?? false }) {
            if let paths = try? ManifestPaths.inForce(settings) {
                known.formUnion(ManifestLoader.load(paths: paths).declared)
            }
            let look = try await Inspection.look(settings)
            known.formUnion(look.desired.resources.union(look.owned))
        }
        var found: [ResourceID] = []
        for name in names {
            guard let resource = ResourceID(name), known.contains(resource), resource.kind != .host else {
                throw Diagnostic(
                    code: "not-found", "there is no resource \(name): no manifest names it, and nothing of it exists",
                    hint: hint(name, known) ?? "reconcile status lists the resources")
            }
            if !found.contains(resource) { found.append(resource) }
        }
        return found
    }

    /// A name without its kind, or almost a name.
    static func hint(_ name: String, _ known: Set<ResourceID>) -> String? {
        let candidates = known.filter { $0.kind != .host }.sorted()
        if !name.contains("/"), let same = candidates.first(where: { $0.name == name }) {
            return "did you mean \"\(same)\"?"
        }
        return NearestName.hint(for: name, among: candidates.map(\.description))
            ?? (name.contains("/") ? nil : NearestName.nearest(to: name, among: candidates.map(\.name))).flatMap {
                near in
                candidates.first { $0.name == near }.map { "did you mean \"\($0)\"?" }
            }
    }
}
