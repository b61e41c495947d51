import Containers
import Foundation
import Model
import Testing

@testable import Agent

/// Repositories that ask who is there. Nobody is ever prompted, and no password is ever told.
@Suite struct GitLoginTests {
    private func run(
        _ body: (GitFixture, FileServer, (String, String?) throws -> GitSource) async throws -> Void
    ) async throws {
        try await GitFixture.run { fixture in
            let server = try FileServer(fixture.directory, login: "alice:s3cret@")
            defer { server.stop() }
            // A proxy of this machine has no business here.
            try fixture.sh(
                """
                printf '#!/bin/sh\\nunset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY\\nexec git "$@"\\n' >git
                chmod 755 git
                """)
            try fixture.commit(["a.yaml": "1"])
            try fixture.git(["update-server-info"])
            try await body(fixture, server) { url, credentials in
                var settings = try fixture.settings(url: url, credentials: credentials)
                settings.program = fixture.directory + "/git"
                return fixture.source(settings)
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func withoutALogin() async throws {
        try await run { fixture, server, source in
            let source = try source("http://127.0.0.1:\(server.port)/remote/.git", nil)
            let failure = try #require(await source.update().failure)
            #expect(failure.code == "git-authentication" && failure.hint?.contains("--git-credentials") == true)
            #expect(failure.cause?.contains("terminal prompts disabled") == true)
        }
    }

    /// A plain web server knows no shallow fetch: the whole history is fetched from it.
    @Test(.timeLimit(.minutes(10))) func withAFileOfLogins() async throws {
        try await run { fixture, server, source in
            let file = "\(fixture.directory)/it's \"mine\""
            let text = "http://alice:s3cret%40@127.0.0.1%3a\(server.port)\n"
            try Data(text.utf8).write(to: URL(filePath: file))
            let source = try source("http://127.0.0.1:\(server.port)/remote/.git", file)
            #expect(await source.update().checkout?.subject == "Change a.yaml")
            try fixture.commit(["a.yaml": "2"])
            try fixture.git(["update-server-info"])
            #expect(await source.update().checkout != nil)
            #expect(fixture.text("a.yaml", source.settings) == "2")
            #expect(Files.text(file) == text)
        }
    }

    /// git would erase a login that was refused.
    @Test(.timeLimit(.minutes(10))) func aWrongLoginStaysInItsFile() async throws {
        try await run { fixture, server, source in
            let file = "\(fixture.directory)/logins"
            let text = "http://alice:wrong@127.0.0.1%3a\(server.port)\n"
            try Data(text.utf8).write(to: URL(filePath: file))
            let source = try source("http://127.0.0.1:\(server.port)/remote/.git", file)
            let failure = try #require(await source.update().failure)
            #expect(failure.code == "git-authentication" && Files.text(file) == text)
        }
    }

    @Test(.timeLimit(.minutes(10))) func passwordsInURLsAreNotTold() async throws {
        try await run { fixture, server, source in
            let refused = try source("http://alice:hunter2@127.0.0.1:\(server.port)/remote/.git", nil)
            let gone = try source("http://alice:hunter2@127.0.0.1:\(server.port)/gone", nil)
            for source in [refused, gone] {
                let update = await source.update()
                let failure = try #require(update.failure)
                let events = update.events(branch: "main", revision: "", time: 0).map { $0.json.text() }.joined()
                #expect(!failure.description.contains("hunter2") && !events.contains("hunter2"))
                #expect(failure.message.contains("http://***@127.0.0.1") && !events.isEmpty)
            }
        }
    }
}
