import Model

/// Reads manifests from files and directories.
public enum ManifestLoader {
    /// Reads every manifest of some paths. Nothing is thrown: what cannot be read is among the diagnostics.
    ///
    /// A directory is read at any depth, `*.yaml` and `*.yml` in the order of their names, without dotfiles (so without
    /// the `..data` of a mounted ConfigMap) and without what editors leave (`*~`, `#*#`, `.#*`). Symbolic links are
    /// followed; each file and directory is read once, by whichever path comes first. A file that is named itself may
    /// have any name.
    ///
    /// - Parameter paths: as the user wrote them; positions keep them so.
    public static func load(paths: [String]) -> ManifestSnapshot {
        let scan = ManifestScan(paths: paths)
        let working = FileSystem.workingDirectory()
        let files = scan.files.map { read($0.path, workingDirectory: working) }
        return ManifestSnapshot(files: files, isPartial: scan.isPartial, diagnostics: scan.diagnostics)
    }

    /// The files that `load` would read, in its order, and what is wrong with the paths themselves.
    public static func files(paths: [String]) -> (files: [String], diagnostics: [Diagnostic]) {
        let scan = ManifestScan(paths: paths)
        return (scan.files.map(\.path), scan.diagnostics)
    }

    /// Reads one file, whatever its name.
    ///
    /// - Parameter path: as the user wrote it; relative paths in the manifest are relative to its directory.
    public static func load(file path: String) -> ManifestFile {
        read(path, workingDirectory: FileSystem.workingDirectory())
    }

    /// One line of a file, from 1, for an error that only applying it showed; `nil` where it is no longer there.
    public static func line(_ number: Int, of path: String) -> String? {
        guard let bytes = try? FileSystem.read(path, limit: SourceText.maximumSize) else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: number, omittingEmptySubsequences: false)
        guard number > 0, number <= lines.count else { return nil }
        return String(decoding: lines[number - 1].prefix(200), as: UTF8.self)
    }

    /// Reads a file; one that has the bytes of an earlier reading is not parsed again.
    static func read(
        _ path: String, workingDirectory: String, unless earlier: ManifestFile? = nil
    ) -> ManifestFile {
        do throws(FileSystem.Failure) {
            let bytes = try FileSystem.read(path, limit: SourceText.maximumSize)
            if let earlier, earlier.source.bytes == bytes { return earlier }
            let absolute = AbsolutePath.of(path, in: workingDirectory)
            let slash = absolute.utf8.lastIndex(of: UInt8(ascii: "/")) ?? absolute.startIndex
            let directory = slash == absolute.startIndex ? "/" : String(absolute[..<slash])
            return ManifestDecoder.decode(bytes: bytes, path: path, directory: directory)
        } catch {
            return ManifestDecoder.unreadable(path, error.diagnostic(path))
        }
    }
}
