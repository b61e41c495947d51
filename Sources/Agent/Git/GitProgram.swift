import Containers
import Glibc
import Model

/// Runs git: in a bounded time, without prompts, and without any configuration, hook or credential that is not ours.
struct GitProgram: Sendable {
    private let program: String
    private let settings: GitSettings
    /// Given to git and what it starts, so that the lock lasts as long as they do.
    private let lock: CInt?

    /// Finds git and writes its configuration; throws `program-missing`.
    init(_ settings: GitSettings, lock: CInt?) throws(Diagnostic) {
        if let program = settings.program { self.program = program } else { program = try Programs.find("git") }
        self.settings = settings
        self.lock = lock
        let text = GitConfiguration.text(settings)
        if Files.text(settings.layout.configuration) != text {
            try Files.writeAtomically(text, to: settings.layout.configuration)
        }
    }

    /// Runs it, whatever it ends with. Blocks the calling thread.
    ///
    /// - Parameter timeout: in milliseconds; then it is killed, with all that it started.
    func run(
        _ arguments: [String], in repository: String? = nil, environment: [String: String] = [:], timeout: Int
    ) throws(Diagnostic) -> Helper.Result {
        var helper = Helper(
            path: program, arguments: (repository.map { ["--git-dir=\($0)"] } ?? []) + arguments)
        helper.environment = self.environment.merging(environment) { $1 }
        helper.directory = settings.layout.directory
        helper.timeout = timeout
        helper.descriptors = lock.map { [$0] } ?? []
        return try helper.run()
    }

    /// Runs it in the mirror; throws `git-failed` with git's own words where it fails.
    @discardableResult
    func local(
        _ arguments: [String], in repository: String? = nil, environment: [String: String] = [:]
    ) throws(Diagnostic) -> String {
        let result = try run(
            arguments, in: repository ?? settings.layout.repository, environment: environment, timeout: 60_000)
        guard result.code == 0 else {
            throw Diagnostic(
                code: "git-failed", "git \(arguments[0]) failed in \(settings.layout.directory)",
                cause: GitWords(result, settings.url).text)
        }
        return result.outputText
    }

    private var environment: [String: String] {
        var values = Helper.plainEnvironment
        for name in ["REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "LANG"] { values[name] = nil }
        // git(1), ENVIRONMENT VARIABLES.
        values["HOME"] = settings.layout.home
        values["LC_ALL"] = "C.UTF-8"
        values["GIT_CONFIG_NOSYSTEM"] = "1"
        values["GIT_CONFIG_GLOBAL"] = settings.layout.configuration
        values["GIT_ATTR_NOSYSTEM"] = "1"
        values["GIT_TERMINAL_PROMPT"] = "0"
        values["GIT_ALLOW_PROTOCOL"] = GitURL.transports.joined(separator: ":")
        values["GIT_NO_REPLACE_OBJECTS"] = "1"
        values["GIT_NO_LAZY_FETCH"] = "1"
        // ssh finds its configuration, keys and known hosts by the user's entry in passwd, not by HOME.
        values["GIT_SSH_VARIANT"] = "ssh"
        values["GIT_SSH_COMMAND"] =
            "ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=10 -o ServerAliveCountMax=3"
        return values
    }
}
