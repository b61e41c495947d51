import Model

/// Reads the text of a manifest: no input, no output.
public enum ManifestDecoder {
    /// Reads a file's bytes (UTF-8, with or without a byte order mark).
    ///
    /// - Parameters:
    ///   - bytes: any number of YAML documents; at most 64 MiB.
    ///   - path: the file as the user would write it, for positions.
    ///   - directory: the absolute directory that relative paths in it are relative to.
    /// - Returns: the resources without errors, and every error of every document. Never fails otherwise.
    public static func decode(bytes: [UInt8], path: String, directory: String) -> ManifestFile {
        let source = SourceText(path: path, bytes: bytes)
        guard bytes.count <= SourceText.maximumSize else {
            return unreadable(
                path,
                Diagnostic(
                    code: "file-too-large", "the file has more than \(SourceText.maximumSize >> 20) MiB",
                    hint: "split it into several manifests", position: SourcePosition(file: path, line: 1, column: 1)))
        }
        let (tree, syntax, syntaxErrors) = YAMLStream.read(source)
        var decoding = Decoding(tree: tree, file: path, directory: directory)
        let content = DocumentDecoder.read(&decoding)
        var diagnostics = syntax + decoding.diagnostics
        let count = syntaxErrors + decoding.errorCount
        if !diagnostics.isEmpty {
            diagnostics = DiagnosticOrder.sorted(diagnostics)
            if diagnostics.count > Decoding.limit { diagnostics.removeSubrange(Decoding.limit...) }
            source.addExcerpts(to: &diagnostics)
            if count > Decoding.limit {
                diagnostics.append(
                    Diagnostic(
                        code: "too-many-errors", "\(path) has more errors than the \(Decoding.limit) that are shown"))
            }
        }
        return ManifestFile(
            path: path, directory: directory, isRead: true, resources: content.sound, diagnostics: diagnostics,
            content: content, source: source)
    }

    /// Reads a text.
    public static func decode(text: String, path: String, directory: String) -> ManifestFile {
        decode(bytes: Array(text.utf8), path: path, directory: directory)
    }

    /// A file of which only an error is known.
    static func unreadable(_ path: String, _ diagnostic: Diagnostic) -> ManifestFile {
        ManifestFile(
            path: path, directory: "/", isRead: false, resources: ResourceSet(), diagnostics: [diagnostic],
            content: ManifestContent(mayHideNetworks: true), source: SourceText(path: path, bytes: []))
    }
}

/// The order in which diagnostics are shown.
enum DiagnosticOrder {
    /// Those without a place first, then by place; what is the same twice (an alias read twice) is kept once.
    static func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        let ordered = diagnostics.enumerated().sorted { left, right in
            switch (left.element.position, right.element.position) {
            case (nil, nil): left.offset < right.offset
            case (nil, _): true
            case (_, nil): false
            case (let first?, let second?): first == second ? left.offset < right.offset : first < second
            }
        }
        var seen = Set<Diagnostic>()
        return ordered.map(\.element).filter { seen.insert($0).inserted }
    }
}
