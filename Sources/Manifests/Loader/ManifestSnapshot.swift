import Model

/// All that the manifests of some paths say at one moment.
public struct ManifestSnapshot: Sendable {
    /// Each file that was read, in the order of reading.
    public let files: [ManifestFile]
    /// Every error and warning: of reading, of each file, and of the set as a whole, by position.
    public let diagnostics: [Diagnostic]
    /// The resources that nothing is wrong with: names are unique and references resolved. While `hasErrors`, what is
    /// missing here may be missing only because of an error: see `declared` before anything is pruned.
    public let resources: ResourceSet
    /// Only files were named, no directory: such a set is never pruned.
    public let isPartial: Bool

    /// True where anything is an error.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// Every resource that is named somewhere, with errors or without.
    public var declared: Set<ResourceID> { Set(files.flatMap(\.declared)) }

    /// Names the content of all files (12 hexadecimal digits): the same for the same paths with the same bytes.
    public var revision: String {
        StableHash.hex(files.map { "\($0.path)\u{0}\($0.contentHash)" }.joined(separator: "\u{0}"), digits: 12)
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
        let networks = files.flatMap(\.resources.networks)
        let containers = files.flatMap(\.resources.containers)
        var found = SetRules.check(ResourceIndex(networks: networks, containers: containers, files: files))
        if !found.isEmpty {
            let named = Set(found.compactMap(\.position?.file))
            for file in files where named.contains(file.path) { file.source.addExcerpts(to: &found) }
        }
        let wrong = Set(found.compactMap { $0.severity == .error ? $0.resource : nil })
        let all = diagnostics + files.flatMap(\.diagnostics) + found
        self.diagnostics = all.isEmpty ? [] : DiagnosticOrder.sorted(all)
        resources =
            wrong.isEmpty
            ? ResourceSet(networks: networks, containers: containers)
            : ResourceSet(
                networks: networks.filter { !wrong.contains($0.id) },
                containers: containers.filter { !wrong.contains($0.id) })
    }
}
