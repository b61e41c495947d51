import Model

/// A program of the field that we run: skopeo, umoci, conmon, crun.
struct Helper: Sendable {
    /// Where one of its standard streams goes.
    enum Stream: Sendable {
        case null
        case inherited
        case captured
    }

    /// An absolute path.
    var path: String
    /// What it finds as its own name; its path where this is `nil`.
    var commandName: String?
    /// Without the program's own name.
    var arguments: [String]
    /// The whole environment; our own is not inherited unless it is given here.
    var environment: [String: String] = Helper.plainEnvironment
    var directory: String?
    var input: Stream = .null
    var output: Stream = .captured
    var error: Stream = .captured
    /// Descriptors of ours that it gets as 3, 4, … in this order.
    var descriptors: [CInt] = []
    /// `false` for what talks to the terminal, which must stay in its foreground process group.
    var ownSession = true
    /// Moves the new process into a control group.
    var cgroup: Cgroup?
    /// Milliseconds until it is killed; `nil`: never.
    var timeout: Int?

    /// What helpers need of our environment: where programs and credentials are, and proxies for registries.
    static var plainEnvironment: [String: String] {
        var values = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        for name in [
            "HOME", "LANG", "REGISTRY_AUTH_FILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "XDG_RUNTIME_DIR", "TMPDIR",
            "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
        ] {
            if let value = environmentValue(name) { values[name] = value }
        }
        return values
    }

    /// How it ended.
    struct Result: Sendable {
        /// The exit code, or 128 + the signal that killed it, as shells have it.
        var code: Int32
        var timedOut = false
        /// The first megabyte.
        var output: [UInt8] = []
        /// The last 16 KiB.
        var error: [UInt8] = []

        var errorText: String { tail(error) }
        var outputText: String { String(decoding: output, as: UTF8.self) }

        private func tail(_ bytes: [UInt8]) -> String {
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(6)
            return lines.map { line in String(line) }.joined(separator: "\n")
        }
    }

    var name: String { path.split(separator: "/").last.map { String($0) } ?? path }
}
