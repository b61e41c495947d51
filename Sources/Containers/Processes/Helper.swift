import Model

/// A program of the field that we run: skopeo, umoci, conmon, crun, git.
package struct Helper: Sendable {
    /// Where one of its standard streams goes.
    package enum Stream: Sendable {
        case null
        case inherited
        case captured
    }

    /// An absolute path.
    package var path: String
    /// What it finds as its own name; its path where this is `nil`.
    var commandName: String?
    /// Without the program's own name.
    package var arguments: [String]
    /// The whole environment; our own is not inherited unless it is given here.
    package var environment: [String: String] = Helper.plainEnvironment
    package var directory: String?
    var input: Stream = .null
    var output: Stream = .captured
    var error: Stream = .captured
    /// Descriptors of ours that it gets as 3, 4, … in this order.
    package var descriptors: [CInt] = []
    /// `false` for what talks to the terminal, which must stay in its foreground process group.
    var ownSession = true
    /// Moves the new process into a control group.
    var cgroup: Cgroup?
    /// Milliseconds until it is killed; `nil`: never.
    package var timeout: Int?

    /// A program with its arguments; captured, without input, in a session of its own, for as long as it takes.
    package init(path: String, arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }

    /// What helpers need of our environment: where programs and credentials are, and proxies for registries.
    package static var plainEnvironment: [String: String] {
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
    package struct Result: Sendable {
        /// The exit code, or 128 + the signal that killed it, as shells have it.
        package var code: Int32
        package var timedOut = false
        /// The first megabyte.
        package var output: [UInt8] = []
        /// The last 16 KiB.
        package var error: [UInt8] = []

        package var errorText: String { tail(error) }
        package var outputText: String { String(decoding: output, as: UTF8.self) }

        private func tail(_ bytes: [UInt8]) -> String {
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(6)
            return lines.map { line in String(line) }.joined(separator: "\n")
        }
    }

    package var name: String { path.split(separator: "/").last.map { String($0) } ?? path }
}
