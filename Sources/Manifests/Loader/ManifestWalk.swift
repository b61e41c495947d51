import Glibc
import Model

/// Finds the manifests below some paths.
struct ManifestWalk {
    private(set) var files: [ManifestScan.Entry] = []
    /// What could not be looked at, whatever its name.
    private(set) var unreadable: [String] = []
    /// Those of the paths that the user named which do not exist.
    private(set) var absent: [String] = []
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var sawDirectory = false
    private var seen: Set<FileSystem.Identity> = []
    private var ancestors: [FileSystem.Identity] = []

    /// A path that the user named.
    mutating func visit(_ path: String) {
        let before = (files.count, seen.count, diagnostics.count)
        guard visit(path, isNamed: true) == .directory else { return }
        sawDirectory = true
        guard before.0 == files.count, before.1 < seen.count, before.2 == diagnostics.count else { return }
        diagnostics.append(
            Diagnostic(
                .warning, code: "no-manifests", "no manifests in \(path): nothing is removed",
                hint: "manifests are files named *.yaml or *.yml; to remove all that is ours: reconcile destroy"))
    }

    @discardableResult
    private mutating func visit(_ path: String, isNamed: Bool) -> FileSystem.Kind? {
        do throws(FileSystem.Failure) {
            let (kind, stamp) = try FileSystem.status(path)
            switch kind {
            case .directory: enter(path, stamp.identity)
            case .file:
                if isNamed || ManifestName.isManifest(path), seen.insert(stamp.identity).inserted {
                    files.append(ManifestScan.Entry(path: path, stamp: stamp))
                }
            case .other:
                guard isNamed || ManifestName.isManifest(path) else { return kind }
                throw .notRegular
            }
            return kind
        } catch {
            unreadable.append(path)
            if isNamed, case .system(_, ENOENT) = error { absent.append(path) }
            // Beside manifests, broken links and sockets are not our concern.
            if isNamed || ManifestName.isManifest(path) { diagnostics.append(error.diagnostic(path)) }
            return nil
        }
    }

    private mutating func enter(_ path: String, _ identity: FileSystem.Identity) {
        guard !ancestors.contains(identity) else {
            diagnostics.append(
                Diagnostic(
                    .warning, code: "symlink-loop", "\(path) leads back to a directory above it",
                    hint: "it is not entered again; remove the symbolic link"))
            return
        }
        guard seen.insert(identity).inserted else { return }
        ancestors.append(identity)
        defer { ancestors.removeLast() }
        let names: [String]
        do throws(FileSystem.Failure) {
            names = try FileSystem.names(in: path)
        } catch {
            unreadable.append(path)
            diagnostics.append(error.diagnostic(path))
            return
        }
        for name in names where !ManifestName.isIgnored(name) {
            visit(path.hasSuffix("/") ? path + name : "\(path)/\(name)", isNamed: false)
        }
    }
}
