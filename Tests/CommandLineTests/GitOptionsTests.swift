import Agent
import Testing

@testable import CommandLine

@Suite struct GitOptionsTests {
    private func settings(_ arguments: [String]) throws -> GitSettings? {
        try GitOptions.parse(arguments).settings(EngineSettings(dataDirectory: "/data"))
    }

    @Test func defaults() throws {
        #expect(try settings([]) == nil)
        let settings = try #require(try settings(["--git", "https://example.com/a.git"]))
        #expect(settings.branch == "main" && settings.path == "" && settings.interval == .seconds(30))
        #expect(settings.keyring == nil && settings.credentials == nil)
        #expect(settings.watchedPath.hasPrefix("/data/git/default/") && settings.watchedPath.hasSuffix("/current"))
    }

    @Test func all() throws {
        let settings = try #require(
            try settings([
                "--git", "git@example.com:a", "--branch=-odd", "--path", "deploy/prod", "--interval", "1m30s",
                "--verify",
                "/etc/keys", "--git-credentials", "/etc/logins",
            ]))
        #expect(settings.branch == "-odd" && settings.path == "deploy/prod" && settings.interval == .seconds(90))
        #expect(settings.keyring == "/etc/keys" && settings.credentials == "/etc/logins")
    }

    @Test(arguments: [
        (["--branch", "main"], "--branch needs --git"), (["--verify", "x"], "--verify needs --git"),
        (["--path", "x"], "--path needs --git"), (["--git-credentials", "x"], "--git-credentials needs --git"),
        (["--git", "ext::sh"], "is no URL"), (["--git=-x"], "is no URL"),
        (["--git", "/a", "--branch", "a b"], "cannot be the name"),
        (["--git", "/a", "--path", "../x"], "is no folder"),
        (["--git", "/a", "--interval", "0s"], "is no interval"),
        (["--git", "/a", "--interval", "30"], "is no interval"),
    ])
    func wrong(_ arguments: [String], _ words: String) {
        #expect { try GitOptions.parse(arguments) } throws: { GitOptions.message(for: $0).contains(words) }
    }
}
