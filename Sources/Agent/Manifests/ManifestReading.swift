import Manifests
import Model

/// The manifests as they lie on disk at one moment.
struct ManifestReading {
    /// As the user gave it.
    let root: String
    /// What was found.
    let scan: ManifestScan
    /// The files of the scan, read.
    let files: [ManifestFile]
    /// Files that somebody is writing: what they say now is not what they are to say.
    var unfinished: Set<String> = []

    /// Nothing at all can be seen, or there is nothing: a mistake far more often than a wish.
    var isMissing: Bool { files.isEmpty }

    /// Whether a path that is not there may still be: it, or a directory above it, could not be looked at.
    func isHidden(_ path: String) -> Bool {
        scan.unreadable.contains { path == $0 || path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
    }

    /// A path without the root.
    func name(_ path: String) -> String { Self.name(path, below: root) }

    /// The path of a name below a directory: the other way round.
    static func path(_ name: String, below root: String) -> String {
        name.isEmpty ? root : root.hasSuffix("/") ? root + name : "\(root)/\(name)"
    }

    /// A path without that of a directory; empty for the directory itself.
    static func name(_ path: String, below root: String) -> String {
        if path == root { return "" }
        let prefix = root.hasSuffix("/") ? root : root + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }
}
