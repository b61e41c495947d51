/// Which names in a directory are read as manifests.
public enum ManifestName {
    /// `*.yaml` and `*.yml`.
    public static func isManifest(_ name: String) -> Bool { name.hasSuffix(".yaml") || name.hasSuffix(".yml") }

    /// What is neither read nor entered: dotfiles (so also `.` and `..`, vim's `.x.swp`, Emacs' `.#x`, the `..data` of a
    /// mounted ConfigMap) and what editors leave behind (`x~`, `#x#`).
    public static func isIgnored(_ name: String) -> Bool {
        name.hasPrefix(".") || name.hasSuffix("~") || (name.hasPrefix("#") && name.hasSuffix("#"))
    }
}
