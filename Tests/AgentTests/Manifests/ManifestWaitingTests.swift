import Foundation
import Manifests
import Model
import Testing

@testable import Agent

/// Manifests that are just being changed, and changes that no event tells of.
@Suite struct ManifestWaitingTests {
    private func withDesk(_ body: (SourceDesk) throws -> Void) async throws {
        try await withDirectory { directory in
            let desk = SourceDesk(directory)
            desk.makeRoot()
            desk.writeContainers("a.yaml", "a", "x")
            #expect(desk.settle()?.names == ["a", "x"])
            try body(desk)
        }
    }

    /// Steps of the loop over some seconds.
    private func wait(_ desk: SourceDesk, _ duration: Duration) -> ManifestUpdate? {
        let end = desk.now + duration
        while desk.now < end {
            desk.source.drain(desk.now)
            if let update = desk.source.update(desk.now) { return update }
            desk.now += .milliseconds(100)
        }
        return nil
    }

    /// A slow writer: what it has written so far may be good YAML and half of what it means.
    @Test func aFileThatIsBeingWrittenIsWaitedFor() async throws {
        try await withDesk { desk in
            let file = open(desk.at("a.yaml"), O_WRONLY | O_TRUNC | O_CLOEXEC)
            let half = SourceDesk.container("a")
            #expect(write(file, half, half.utf8.count) == half.utf8.count)
            desk.writeContainers("b.yaml", "b")
            #expect(wait(desk, .seconds(9)) == nil)
            let degraded = try #require(wait(desk, .seconds(4)))
            #expect(degraded.names == ["a", "b", "x"] && degraded.codes == ["being-written"])
            #expect(!degraded.input.prunes)
            // It is not waited for again.
            desk.writeContainers("b.yaml", "c")
            let start = desk.now
            #expect(wait(desk, .seconds(4))?.names == ["a", "c", "x"])
            #expect(desk.now - start < .milliseconds(500))
            close(file)
            // A process that is being started elsewhere in the tests may hold a copy of it for some moments more.
            var settled = desk.settle()
            for _ in 0..<3000 where settled == nil {
                usleep(10_000)
                settled = desk.settle()
            }
            let whole = try #require(settled)
            #expect(whole.names == ["a", "c"] && whole.input.prunes)
        }
    }

    @Test func gitsLockIsWaitedForWithinLimits() async throws {
        try await withDesk { desk in
            let git = desk.directory + "/.git"
            mkdir(git, 0o755)
            try Data("ref: refs/heads/main\n".utf8).write(to: URL(filePath: git + "/HEAD"))
            try Data().write(to: URL(filePath: git + "/index.lock"))
            desk.writeContainers("a.yaml", "a")
            #expect(wait(desk, .seconds(5)) == nil)
            unlink(git + "/index.lock")
            #expect(desk.settle()?.names == ["a"])
            // A lock that a crash left.
            try Data().write(to: URL(filePath: git + "/index.lock"))
            desk.writeContainers("a.yaml", "b")
            #expect(wait(desk, .seconds(9)) == nil)
            let update = try #require(wait(desk, .seconds(4)))
            #expect(update.names == ["b"] && update.codes == ["git-locked"] && update.input.prunes)
            desk.writeContainers("a.yaml", "c")
            let start = desk.now
            #expect(wait(desk, .seconds(4))?.names == ["c"])
            #expect(desk.now - start < .milliseconds(500))
        }
    }

    /// Written to without an event: through a hard link from outside the tree.
    @Test func theTreeIsLookedAtFromTimeToTime() async throws {
        try await withDesk { desk in
            let outside = desk.directory + "/outside"
            #expect(link(desk.at("a.yaml"), outside) == 0)
            #expect(desk.settle() == nil)
            SourceDesk.write(SourceDesk.container("elsewhere"), to: outside)
            #expect(desk.settle() == nil)
            #expect(desk.poll()?.names == ["elsewhere"])
            #expect(desk.poll() == nil)
        }
    }

    @Test func refreshReadsAtOnce() async throws {
        try await withDesk { desk in
            desk.writeContainers("a.yaml", "b")
            desk.source.refresh(desk.now)
            #expect(desk.source.update(desk.now)?.names == ["b"])
        }
    }

    @Test func headIsRead() async throws {
        try await withDesk { desk in
            func git(_ arguments: String...) throws {
                // The machine's configuration has no business here.
                let command = ["env", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "git"]
                let options = ["-C", desk.directory, "-c", "user.name=n", "-c", "user.email=e@x"]
                #expect(try run(command + options + arguments) == 0, "\(arguments)")
            }
            func head(_ path: String) -> String? { GitWorkTree(containing: path)?.head }
            #expect(GitWorkTree(containing: desk.root) == nil || head(desk.root) != nil)
            try git("init", "-q", "-b", "main")
            #expect(GitWorkTree(containing: desk.root) != nil && head(desk.root) == nil)
            try git("add", "m")
            try git("commit", "-q", "-m", "one")
            let commit = try #require(head(desk.root))
            #expect(commit.count == 40)
            try git("pack-refs", "--all")
            #expect(head(desk.root) == commit)
            try git("worktree", "add", "-q", "\(desk.directory)/tree", "-b", "other")
            #expect(head(desk.directory + "/tree/m") == commit)
            try git("checkout", "-q", "--detach")
            #expect(head(desk.root) == commit)
            desk.writeContainers("a.yaml", "b")
            #expect(desk.settle()?.head == commit)
        }
    }
}
