import Model

/// Reads manifests again and again: what did not change is neither read nor parsed anew.
public struct ManifestReader: Sendable {
    private struct Known {
        let file: ManifestFile
        /// What it was when it was read; `nil` where it had just been changed, so that a further change may look alike.
        let stamp: FileStamp?
    }

    private var known: [String: Known] = [:]

    /// A reader that knows nothing yet.
    public init() {}

    /// Reads the files of a scan, in its order. A file that cannot be read is among them, with its error.
    public mutating func read(_ scan: ManifestScan) -> [ManifestFile] {
        let working = FileSystem.workingDirectory()
        var current: [String: Known] = Dictionary(minimumCapacity: scan.files.count)
        let files = scan.files.map { entry in
            let earlier = known[entry.path]
            if let earlier, earlier.stamp == entry.stamp {
                current[entry.path] = earlier
                return earlier.file
            }
            let stamp = entry.stamp.isSettled ? entry.stamp : nil
            let file = ManifestLoader.read(entry.path, workingDirectory: working, unless: earlier?.file)
            if file.isRead { current[entry.path] = Known(file: file, stamp: stamp) }
            return file
        }
        known = current
        return files
    }
}
