import Containers
import Foundation
import Model
import Synchronization

@testable import Agent

/// A repository that the tests push to, and the source that follows it, below one temporary directory. The clock stands
/// still until it is moved.
struct GitFixture {
    let directory: String
    let repository: String
    let clock = TestClock()

    /// Runs a test in a fixture; it is removed afterwards.
    static func run(objects: String = "sha1", _ body: (GitFixture) async throws -> Void) async throws {
        try await withDirectory { directory in
            let fixture = GitFixture(directory: directory, repository: directory + "/remote")
            try fixture.git(["init", "-q", "-b", "main", "--object-format=\(objects)", "remote"], in: directory)
            try await body(fixture)
        }
    }

    /// Runs a program, which must end well; answers with its output without the last line break.
    @discardableResult
    func sh(_ script: String, _ environment: [String: String] = [:]) throws -> String {
        try run("/bin/sh", ["-ec", script], in: directory, environment)
    }

    /// Runs git in the remote repository, or elsewhere.
    @discardableResult
    func git(_ arguments: [String], in place: String? = nil, _ environment: [String: String] = [:]) throws -> String {
        try run(try Programs.find("git"), arguments, in: place ?? repository, environment)
    }

    private func run(
        _ program: String, _ arguments: [String], in place: String, _ environment: [String: String]
    ) throws -> String {
        var helper = Helper(path: program, arguments: arguments)
        helper.directory = place
        helper.timeout = 60_000
        helper.environment["HOME"] = directory
        helper.environment["GIT_CONFIG_NOSYSTEM"] = "1"
        for role in ["AUTHOR", "COMMITTER"] {
            helper.environment["GIT_\(role)_NAME"] = "Alice"
            helper.environment["GIT_\(role)_EMAIL"] = "alice@example.com"
        }
        helper.environment.merge(environment) { $1 }
        let result = try helper.succeed("test", "\(program) \(arguments)")
        return String(result.outputText.drop { $0 == "\n" }.reversed().drop { $0 == "\n" }.reversed())
    }

    /// Writes files and commits them; answers with the commit's id.
    @discardableResult
    func commit(
        _ files: [String: String] = [:], _ options: [String] = [], _ environment: [String: String] = [:]
    ) throws -> String {
        for (name, text) in files {
            let path = "\(repository)/\(name)"
            try FileManager.default.createDirectory(
                at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: path))
        }
        try git(["add", "-A"])
        let subject = files.keys.sorted().joined(separator: " ")
        let signing = options.partition { $0.hasPrefix("-S") }
        try git(
            signing.rest + ["commit", "-q", "--allow-empty", "-m", "Change \(subject)"] + signing.matching, environment)
        return try git(["rev-parse", "HEAD"])
    }

    func settings(
        url: String? = nil, branch: String = "main", path: String = "", keyring: String? = nil,
        credentials: String? = nil
    ) throws -> GitSettings {
        try GitSettings(
            url: url ?? repository, branch: branch, path: path, keyring: keyring, credentials: credentials,
            engine: EngineSettings(dataDirectory: directory + "/data"))
    }

    func source(_ settings: GitSettings) -> GitSource { GitSource(settings, now: { [clock] in clock.now }) }

    /// The text of a file below what the agent reads.
    func text(_ name: String, _ settings: GitSettings) -> String? { Files.text("\(settings.watchedPath)/\(name)") }

    /// The commits that are checked out.
    func checkouts(_ settings: GitSettings) -> Set<String> { Set(Files.names(in: settings.layout.checkouts)) }
}

/// A clock that moves when it is told to.
final class TestClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { instant.withLock { $0 } }
    func advance(_ duration: Duration) { instant.withLock { $0 += duration } }
}

extension GitUpdate {
    var checkout: GitCheckout? {
        switch self {
        case .new(let checkout), .recovered(let checkout): checkout
        default: nil
        }
    }

    var failure: Diagnostic? { if case .failed(let diagnostic, _) = self { diagnostic } else { nil } }
}

extension [String] {
    fileprivate func partition(_ isMatching: (String) -> Bool) -> (matching: [String], rest: [String]) {
        (filter(isMatching), filter { !isMatching($0) })
    }
}
