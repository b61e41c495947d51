import Model

/// All that the manifests of some paths say at one moment.
public struct ManifestSnapshot: Sendable {
    /// Each file that was read, in the order of reading.
    public let files: [ManifestFile]
    /// Every error and warning: of reading, of each file, and of the set as a whole, by position.
    public let diagnostics: [Diagnostic]
    /// The resources that nothing is wrong with: names are unique, and every network of a container is here too or
    /// predefined. While `hasErrors`, what is missing here may be missing only because of an error: see `declared`
    /// before anything is pruned.
    public let resources: ResourceSet
    /// Only files were named, no directory: such a set is never pruned.
    public let isPartial: Bool

    /// True where anything is an error.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// Every resource that is named somewhere, with errors or without.
    public var declared: Set<ResourceID> { Set(files.flatMap(\.declared)) }

    /// Names the content of all files (12 hexadecimal digits): the same for the same bytes, wherever they lie.
    public var revision: String {
        StableHash.hex(files.map { String($0.contentHash) }.joined(separator: " "), digits: 12)
    }

    /// Puts files together and checks what only all of them show: duplicates, references, and what two resources of one
    /// node cannot both have. A file may come from an earlier moment, so that a broken one keeps its last good content.
    ///
    /// - Parameters:
    ///   - files: in an order that stays the same; of two that collide the later is in error.
    ///   - isPartial: only files were named.
    ///   - diagnostics: what is known already, such as paths that cannot be read.
    public init(files: [ManifestFile], isPartial: Bool = false, diagnostics: [Diagnostic] = []) {
        self.files = files
        self.isPartial = isPartial
        let index = ResourceIndex(files, isPartial: isPartial)
        var found = SetRules.check(index)
        if !found.isEmpty {
            let named = Set(found.compactMap(\.position?.file))
            for file in files where named.contains(file.path) { file.source.addExcerpts(to: &found) }
        }
        let all = diagnostics + files.flatMap(\.diagnostics) + found
        self.diagnostics = all.isEmpty ? [] : DiagnosticOrder.sorted(all)
        let wrong = index.unsound.union(found.compactMap { $0.severity == .error ? $0.resource : nil })
        let networks = index.networks.filter { !wrong.contains($0.id) }
        let usable = Set(
            networks.map(\.metadata.name) + Predefined.networks.filter { !index.declaredNetworks.contains($0) })
        // A container whose network is wrong cannot be made either; the network's error says why.
        let sound = index.containers.filter { !wrong.contains($0.id) }
        let containers = sound.filter { $0.networks.allSatisfy { usable.contains($0.network) } }
        let services = index.services.filter { service in
            !wrong.contains(service.id) && service.template.networks.allSatisfy { usable.contains($0.network) }
        }
        resources = ResourceSet(
            networks: networks, containers: containers + Self.guests(sound, of: containers), services: services)
    }

    /// The containers that run in the sandbox of one that can be made.
    private static func guests(_ sound: [Container], of containers: [Container]) -> [Container] {
        let guests = sound.filter { $0.sandboxOf != nil }
        guard !guests.isEmpty else { return [] }
        let names = Set(containers.map(\.metadata.name))
        return guests.filter { $0.sandboxOf.map(names.contains) ?? false }
    }
}
