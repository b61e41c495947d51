import Containers
import Model
import Testing

@testable import Agent

@Suite struct GitNamesTests {
    @Test(arguments: ["main", "-x", "--upload-pack=x", "a/b", "feature/#1", "ümlaut", "+x", "HEAD"])
    func branches(_ name: String) { #expect(GitNames.isBranch(name)) }

    @Test(arguments: [
        "", "@", "a..b", "a b", "a:b", "a~1", "a^", "a*", "a?", "a[", "a\\b", "/a", "a/", "a//b", ".a", "a/.b",
        "a.lock",
        "a.lock/b", "a.", "a@{b", "a\nb", "a\u{7f}",
    ])
    func noBranches(_ name: String) { #expect(!GitNames.isBranch(name)) }

    @Test(arguments: [
        ("", ""), (".", ""), ("a", "a"), ("./a//b/", "a/b"), ("a/./b", "a/b"), ("..a", "..a"), ("-a", "-a"),
    ])
    func folders(_ path: String, _ folder: String) { #expect(GitNames.folder(path) == folder) }

    @Test(arguments: ["/", "/a", "..", "a/../b", "a/..", "../a", "a\nb"])
    func noFolders(_ path: String) { #expect(GitNames.folder(path) == nil) }

    @Test(arguments: [
        ("https://example.com/a.git", "https://example.com/a.git"),
        ("https://token@example.com/a", "https://***@example.com/a"),
        ("https://user:pa@ss@example.com/a@b", "https://***@example.com/a@b"),
        ("ssh://git@example.com/a", "ssh://git@example.com/a"),
        ("ssh://git:secret@example.com/a", "ssh://***@example.com/a"),
        ("git@example.com:a/b.git", "git@example.com:a/b.git"), ("file:///srv/a", "file:///srv/a"),
        ("/srv/a:b", "/srv/a:b"), ("HTTPS://example.com/a", "HTTPS://example.com/a"),
    ])
    func urls(_ text: String, _ shown: String) throws {
        let url = try GitURL(text)
        #expect(url.text == text && url.description == shown)
    }

    @Test(arguments: [
        "", "-x", "--upload-pack=touch /x", "ext::sh -c x", "ext::x", "fd::1", "git://example.com/a",
        "ftp://example.com/",
        "ext://x", "a b", "a\nb",
    ])
    func noURLs(_ text: String) {
        #expect { try GitURL(text) } throws: { ($0 as? Diagnostic)?.code == "git-url" }
    }

    @Test func aRelativePathBecomesAbsolute() throws {
        #expect(try GitURL("repo").text.hasPrefix("/") && GitURL("repo").text.hasSuffix("/repo"))
        #expect(try GitURL("./a:b").localPath != nil && GitURL("host:b").localPath == nil)
    }

    @Test func wrongSettingsAreToldApart() throws {
        let engine = EngineSettings(dataDirectory: "/nowhere")
        func code(_ url: String, _ branch: String, _ path: String) -> String? {
            do throws(Diagnostic) { _ = try GitSettings(url: url, branch: branch, path: path, engine: engine) } catch {
                return error.code
            }
            return nil
        }
        #expect(code("-u", "main", "") == "git-url" && code("/a", "a b", "") == "git-branch")
        #expect(code("/a", "main", "..") == "git-path" && code("/a", "-x", "a") == nil)
    }

    /// What is accepted under one set, URL or branch never counts under another.
    @Test func everySourceHasItsOwnDirectory() throws {
        func directory(_ url: String, _ branch: String, _ set: String) throws -> String {
            try GitSettings(url: url, branch: branch, engine: EngineSettings(set: set)).layout.directory
        }
        let all = try [
            directory("/a", "main", "default"), directory("/b", "main", "default"), directory("/a", "dev", "default"),
            directory("/a", "main", "blue"),
        ]
        #expect(Set(all).count == 4 && all.allSatisfy { $0.hasPrefix("/var/lib/reconcile/git/") })
    }

    /// A name is a name, whatever it begins with.
    @Test(arguments: ["-x", "--upload-pack=touch", "+x", "HEAD"])
    func oddBranchesAreFollowed(_ branch: String) async throws {
        try await GitFixture.run { fixture in
            try fixture.commit(["a.yaml": "1"])
            try fixture.git(["update-ref", "refs/heads/\(branch)", "HEAD"])
            let commit = try fixture.commit(["a.yaml": "2"])
            let settings = try fixture.settings(branch: branch)
            let source = fixture.source(settings)
            #expect(await source.update().checkout != nil && fixture.text("a.yaml", settings) == "1")
            try fixture.git(["update-ref", "refs/heads/\(branch)", commit])
            #expect(await source.update().checkout?.commit == commit)
        }
    }

    /// git itself refuses the host; nothing is run.
    @Test func aHostThatLooksLikeAnOption() async throws {
        try await GitFixture.run { fixture in
            let settings = try fixture.settings(url: "ssh://-oProxyCommand=touch${IFS}\(fixture.directory)/made/x")
            let failure = await fixture.source(settings).update().failure
            #expect(failure?.cause?.contains("strange hostname") == true)
            #expect(!Files.exists(fixture.directory + "/made"))
        }
    }
}
