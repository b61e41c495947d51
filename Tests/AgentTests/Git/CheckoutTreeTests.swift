import Containers
import Foundation
import Model
import Testing

@testable import Agent

/// Symbolic links in a commit must not lead the agent out of it.
@Suite struct CheckoutTreeTests {
    private func update(_ links: [String: String], path: String = "deploy") async throws -> GitUpdate {
        var update = GitUpdate.unchanged
        try await GitFixture.run { fixture in
            try fixture.commit(["deploy/a.yaml": "1", "base/b.yaml": "2", "secret/c.yaml": "3"])
            for (name, target) in links {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(fixture.repository)/\(name)", withDestinationPath: target)
            }
            try fixture.commit()
            let settings = try fixture.settings(path: path)
            update = await fixture.source(settings).update()
            if update.failure != nil { #expect(!Files.exists(settings.watchedPath)) }
        }
        return update
    }

    @Test(arguments: [
        ["deploy/x": "/etc"], ["deploy/x.yaml": "/etc/passwd"], ["deploy/x": "../.."], ["deploy/x": "../../remote"],
        ["deploy/x": "../base", "base/x": "/etc"], ["deploy/x": "../base/y", "base/y": "../../../etc"],
        ["deploy/x": "/proc/self/root"],
    ])
    func outside(_ links: [String: String]) async throws {
        let failure = try #require(try await update(links).failure)
        #expect(failure.code == "git-path" && failure.message.contains("leads out of the repository"))
    }

    @Test(arguments: [
        ["deploy/x": "../base"], ["deploy/x.yaml": "../base/b.yaml"], ["deploy/x": "."], ["deploy/x": "x"],
        ["deploy/x": "nowhere"], ["deploy/x": "../base", "base/x": "../deploy"],
        // Not read, so not our concern.
        ["secret/x": "/etc"],
    ])
    func inside(_ links: [String: String]) async throws { #expect(try await update(links).checkout != nil) }

    @Test func theFolderItself() async throws {
        #expect(try await update(["out": "/etc"], path: "out").failure?.message.contains("leads out") == true)
        #expect(try await update(["in": "deploy"], path: "in").checkout != nil)
        #expect(try await update([:], path: "deploy/a.yaml").failure?.message.contains("has no folder") == true)
        #expect(try await update([:], path: "").checkout != nil)
    }

    @Test func mountsInUse() {
        let lines = """
            22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            31 22 254:0 /var/lib/reconcile/git/default/0/checkouts/aaaa/site /srv rw - ext4 /dev/vda rw
            32 22 0:30 /bbbb//deleted /x rw - tmpfs tmpfs rw
            33 22 0:31 / /cccc rw - tmpfs dddd rw
            """
        #expect(MountUse.names(in: lines, among: ["aaaa", "bbbb", "cccc", "dddd"]) == ["aaaa", "bbbb"])
    }
}
