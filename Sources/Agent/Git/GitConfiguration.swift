/// The one configuration that git reads; see git-config(1) for each line.
enum GitConfiguration {
    static func text(_ settings: GitSettings) -> String {
        var text = """
            [core]
            \thooksPath = /dev/null
            \tattributesFile = /dev/null
            \texcludesFile = /dev/null
            \tfsmonitor = false
            \tautocrlf = false
            [init]
            \tdefaultBranch = main
            \ttemplateDir =
            [protocol "ext"]
            \tallow = never
            [fetch]
            \trecurseSubmodules = false
            [submodule]
            \trecurse = false
            [gc]
            \tautoDetach = false
            [maintenance]
            \tautoDetach = false
            [http]
            \tlowSpeedLimit = 1
            \tlowSpeedTime = 30
            [gpg "x509"]
            \tprogram = false

            """
        // git asks who owns a repository on this host before it serves it. Naming one is as good as an answer, but not
        // where only signatures are to count.
        if settings.keyring == nil, let path = settings.url.localPath {
            let clean = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            text += "[safe]\n\tdirectory = \(quoted(clean))\n\tdirectory = \(quoted(clean + "/.git"))\n"
        }
        if let file = settings.credentials {
            // Only `get`: after a refused login git would have the file's entry erased.
            let command = "!f() { test \"$1\" = get && exec git credential-store --file \(shell(file)) get; }; f"
            text += "[credential]\n\thelper = \(quoted(command))\n"
        }
        return text
    }

    /// A value of the configuration file.
    private static func quoted(_ text: String) -> String {
        "\"" + text.flatMap { $0 == "\n" ? ["\\", "n"] : "\"\\".contains($0) ? ["\\", $0] : [$0] } + "\""
    }

    /// A word for the shell.
    private static func shell(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
