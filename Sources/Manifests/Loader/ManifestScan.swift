import Model

/// Which manifests there are at one moment, without their content. Two equal scans mean that nothing was changed
/// between them, save for what happened within a tick of the file system's clock.
public struct ManifestScan: Hashable, Sendable {
    /// One manifest.
    public struct Entry: Hashable, Sendable {
        /// As the user would write it.
        public let path: String
        /// Tells whether it changed.
        public let stamp: FileStamp
    }

    /// The manifests in the order of reading.
    public let files: [Entry]
    /// What could not be looked at: files, directories, and links that lead nowhere. What was below is not gone.
    public let unreadable: [String]
    /// Those of the paths themselves that do not exist.
    public let absent: [String]
    /// Only files were found, no directory: such a set is never pruned.
    public let isPartial: Bool
    /// What is wrong with the paths themselves.
    public let diagnostics: [Diagnostic]

    /// Whether every later change must show in another scan: false where a file was changed so lately that the file
    /// system may give a further change the same time.
    public var isSettled: Bool { files.allSatisfy(\.stamp.isSettled) }

    /// Looks at some paths, as `ManifestLoader.load(paths:)` does.
    public init(paths: [String]) {
        var walk = ManifestWalk()
        for path in paths { walk.visit(path) }
        files = walk.files
        unreadable = walk.unreadable
        absent = walk.absent
        isPartial = !walk.sawDirectory
        diagnostics = walk.diagnostics
    }
}
