/// How a process's field `sandbox` says where it runs.
public enum SandboxName {
    /// In the host's network namespace.
    private static let host = "host"
    /// Observed where a process is not in the sandbox that it should be in.
    public static let lost = "lost"
    private static let prefix = "container/"

    /// The sandbox of a container by that container's name; `nil`: the host's namespace. A name that means something
    /// else is written with its kind.
    public static func text(_ container: String?) -> String {
        guard let container else { return host }
        return container == host || container == lost ? prefix + container : container
    }

    /// The container whose sandbox a text means; `nil` for the host's namespace.
    public static func container(_ text: String) -> String? {
        if text == host { return nil }
        return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    }
}
