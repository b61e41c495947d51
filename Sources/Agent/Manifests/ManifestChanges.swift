import Manifests

/// Which files are others than before.
struct ManifestChanges {
    /// A file's content by its path.
    typealias Contents = [String: UInt64]

    private let changed: [String]
    private let added: [String]
    private let removed: [String]

    /// Compares two readings by path and content.
    init(from old: Contents, to new: Contents) {
        changed = new.filter { old[$0.key] != nil && old[$0.key] != $0.value }.keys.sorted()
        added = new.keys.filter { old[$0] == nil }.sorted()
        removed = old.keys.filter { new[$0] == nil }.sorted()
    }

    /// True where all is as before.
    var isEmpty: Bool { changed.isEmpty && added.isEmpty && removed.isEmpty }

    /// `2 files changed: a.yaml, b.yaml`, a line each for what changed, came and went.
    func messages(_ name: (String) -> String) -> [String] {
        [("changed", changed), ("added", added), ("removed", removed)].compactMap { verb, paths in
            guard !paths.isEmpty else { return nil }
            let shown = paths.prefix(5).map(name).joined(separator: ", ")
            let more = paths.count > 5 ? " and \(paths.count - 5) more" : ""
            return "\(paths.count) \(paths.count == 1 ? "file" : "files") \(verb): \(shown)\(more)"
        }
    }
}
