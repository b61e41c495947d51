import Model

/// What reading the manifests anew has brought.
public struct ManifestUpdate: Sendable {
    /// What to make true from now on.
    public let input: PassInput
    /// False where the input asks for the same as the one before, so that only what is told has changed.
    public let needsPass: Bool
    /// What is newly wrong with the manifests; each is told once, and again only after it was mended and came back.
    public let diagnostics: [Diagnostic]
    /// What happened, for `manifest` events: `2 files changed: a.yaml, b.yaml`.
    public let messages: [String]
    /// The commit of the git work tree that the manifests lie in, 40 or 64 hexadecimal digits. The files may differ
    /// from it.
    public let head: String?
}
