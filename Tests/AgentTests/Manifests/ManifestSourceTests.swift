import Foundation
import Model
import Testing

@testable import Agent

/// Manifests on disk that change, from event to input. Time is told, nothing sleeps.
@Suite struct ManifestSourceTests {
    private func withDesk(_ root: String = "m", _ body: (SourceDesk) throws -> Void) async throws {
        try await withDirectory { try body(SourceDesk($0, root: root)) }
    }

    @Test func theFirstReadingIsAtOnceAndThenOnlyWhatChanges() async throws {
        try await withDesk { desk in
            desk.makeRoot()
            desk.writeContainers("a.yaml", "a")
            let start = desk.now
            #expect(desk.source.nextDeadline <= start)
            let first = try #require(desk.settle())
            #expect(first.names == ["a"] && first.needsPass && first.input.prunes && first.messages == ["1 file read"])
            #expect(desk.settle() == nil)
            #expect(desk.source.nextDeadline == desk.now + desk.timing.poll)
            // Touched, and the same bytes again: nothing to tell.
            utimes(desk.at("a.yaml"), nil)
            desk.writeContainers("a.yaml", "a")
            #expect(desk.settle() == nil)
            desk.writeContainers("a.yaml", "a", "b")
            desk.writeContainers("c.yaml", "c")
            let next = try #require(desk.settle())
            #expect(next.names == ["a", "b", "c"])
            #expect(next.messages == ["1 file changed: a.yaml", "1 file added: c.yaml"])
        }
    }

    @Test func savesCloseTogetherAreOneReading() async throws {
        try await withDesk { desk in
            desk.makeRoot()
            desk.writeContainers("a.yaml", "a", "x")
            desk.writeContainers("b.yaml", "b")
            _ = desk.settle()
            let start = desk.now
            // Moved from one file to another, with a moment in which it is in neither, or in both.
            desk.writeContainers("a.yaml", "a")
            desk.source.drain(desk.now)
            desk.now += .milliseconds(150)
            #expect(desk.source.update(desk.now) == nil)
            desk.writeContainers("b.yaml", "b", "x")
            desk.source.drain(desk.now)
            let update = try #require(desk.settle())
            #expect(desk.now == start + .milliseconds(350))
            #expect(update.names == ["a", "b", "x"] && !update.input.isDegraded && update.input.prunes)
            #expect(update.messages == ["2 files changed: a.yaml, b.yaml"])
        }
    }

    @Test func changesThatDoNotStopAreReadAllTheSame() async throws {
        try await withDesk { desk in
            desk.makeRoot()
            desk.writeContainers("a.yaml", "a")
            _ = desk.settle()
            let start = desk.now
            var update: ManifestUpdate?
            for step in 0..<100 where update == nil {
                desk.writeContainers("a.yaml", "a\(step)")
                desk.source.drain(desk.now)
                desk.now += .milliseconds(100)
                update = desk.source.update(desk.now)
            }
            #expect(update != nil && desk.now - start < .milliseconds(2500) && desk.now - start >= .seconds(2))
        }
    }

    @Test func aBadFileIsToldOnceAndPrunesNothing() async throws {
        try await withDesk { desk in
            desk.makeRoot()
            desk.writeContainers("a.yaml", "a")
            desk.writeContainers("b.yaml", "b")
            _ = desk.settle()
            desk.write("b.yaml", "{")
            desk.writeContainers("a.yaml", "a", "new")
            let bad = try #require(desk.settle())
            #expect(bad.names == ["a", "b", "new"] && bad.input.isDegraded && !bad.input.prunes && bad.needsPass)
            #expect(!bad.diagnostics.isEmpty && bad.diagnostics.allSatisfy { $0.position?.file == desk.at("b.yaml") })
            #expect(
                bad.messages.contains { $0.hasPrefix("b.yaml has ") && $0.hasSuffix("its last good version stays") })
            #expect(!bad.input.hasErrors && bad.input.rejected == bad.diagnostics)
            desk.writeContainers("a.yaml", "a", "newer")
            let later = try #require(desk.settle())
            #expect(later.diagnostics.isEmpty && later.messages == ["1 file changed: a.yaml"])
            #expect(later.input.isDegraded && later.names == ["a", "b", "newer"])
            desk.writeContainers("b.yaml", "b")
            let mended = try #require(desk.settle())
            #expect(mended.input.prunes && mended.messages.last == "the manifests are good again")
        }
    }

    @Test func theLastGoodVersionSurvivesARestart() async throws {
        try await withDesk { desk in
            desk.makeRoot()
            desk.writeContainers("a.yaml", "a")
            desk.writeContainers("b.yaml", "b")
            _ = desk.settle()
            try desk.source.save()
            desk.write("b.yaml", "{")
            desk.restart()
            let bad = try #require(desk.settle())
            #expect(bad.names == ["a", "b"] && bad.input.isDegraded)
            try desk.source.save()
            desk.remove("")
            desk.restart()
            let gone = try #require(desk.settle())
            #expect(gone.names == ["a", "b"] && !gone.input.prunes && gone.input.isDegraded)
            #expect(gone.codes == ["unreadable"])
        }
    }

    @Test func aRootThatIsMissingEmptyOrComesBack() async throws {
        try await withDesk("deep/m") { desk in
            let never = try #require(desk.settle())
            #expect(never.names.isEmpty && !never.input.prunes && never.codes == ["unreadable"])
            mkdir("\(desk.directory)/deep", 0o755)
            desk.makeRoot()
            let empty = try #require(desk.settle())
            #expect(empty.codes == ["no-manifests"] && !empty.input.prunes)
            desk.writeContainers("a.yaml", "a")
            #expect(desk.settle()?.names == ["a"])
            desk.remove("a.yaml")
            let last = try #require(desk.settle())
            #expect(
                last.names == ["a"] && !last.input.prunes && last.codes == ["no-manifests"] && last.needsPass)
            #expect(last.messages.contains("there are no manifests in \(desk.root): all stays as it was"))
            rename("\(desk.directory)/deep", "\(desk.directory)/away")
            #expect(desk.settle()?.codes == ["unreadable"])
            rename("\(desk.directory)/away", "\(desk.directory)/deep")
            desk.writeContainers("b.yaml", "b")
            let back = try #require(desk.settle())
            #expect(back.names == ["b"] && back.input.prunes)
        }
    }

    @Test func aFileDeletedOnPurposeGoes() async throws {
        try await withDesk { desk in
            desk.makeRoot()
            desk.writeContainers("a.yaml", "a")
            desk.writeContainers("b.yaml", "b")
            _ = desk.settle()
            desk.remove("b.yaml")
            let update = try #require(desk.settle())
            #expect(update.names == ["a"] && update.input.prunes && update.messages == ["1 file removed: b.yaml"])
        }
    }

    @Test func whatCannotBeReadStays() async throws {
        try await withDesk { desk in
            desk.makeRoot()
            for name in ["a", "b"] { desk.writeContainers("\(name).yaml", name) }
            mkdir(desk.at("sub"), 0o755)
            desk.writeContainers("sub/c.yaml", "c")
            rename(desk.at("sub"), desk.directory + "/elsewhere")
            symlink("../elsewhere", desk.at("sub"))
            #expect(desk.settle()?.names == ["a", "b", "c"])
            // For root no mode keeps a file from being read; one that is too large is not read either.
            if geteuid() == 0 { desk.enlarge("b.yaml") } else { chmod(desk.at("b.yaml"), 0) }
            let file = try #require(desk.settle())
            #expect(file.names == ["a", "b", "c"] && file.input.isDegraded && file.diagnostics.count == 1)
            desk.writeContainers("a.yaml", "a2")
            rename(desk.directory + "/elsewhere", desk.directory + "/gone")
            let link = try #require(desk.settle())
            #expect(link.names == ["a2", "b", "c"] && link.codes == ["unreadable"])
            #expect(link.messages.contains("sub cannot be read: what was last good there stays"))
            // A pipe where a manifest was, and then a directory: not there any more.
            desk.remove("b.yaml")
            mkfifo(desk.at("b.yaml"), 0o600)
            let pipe = try #require(desk.settle())
            #expect(pipe.names == ["a2", "b", "c"] && pipe.codes == ["unreadable"])
            #expect(pipe.messages.last == "b.yaml cannot be read: what was last good there stays")
            desk.remove("b.yaml")
            mkdir(desk.at("b.yaml"), 0o755)
            rename(desk.directory + "/gone", desk.directory + "/elsewhere")
            let clean = try #require(desk.settle())
            #expect(clean.names == ["a2", "c"] && clean.input.prunes)
        }
    }

    @Test func configMapAndGitSync() async throws {
        try await withDesk("current/m") { desk in
            for version in ["1", "2"] {
                for path in ["", "/m", "/m/..data_\(version)"] { mkdir("\(desk.directory)/\(version)\(path)", 0o755) }
                let text = SourceDesk.container("v\(version)")
                SourceDesk.write(text, to: "\(desk.directory)/\(version)/m/..data_\(version)/a.yaml")
                symlink("..data_\(version)", "\(desk.directory)/\(version)/m/..data")
                symlink("..data/a.yaml", "\(desk.directory)/\(version)/m/a.yaml")
            }
            symlink("1", desk.directory + "/current")
            #expect(desk.settle()?.names == ["v1"])
            symlink("2", desk.directory + "/current.tmp")
            rename(desk.directory + "/current.tmp", desk.directory + "/current")
            #expect(desk.settle()?.names == ["v2"])
            mkdir(desk.at("..data_3"), 0o755)
            desk.writeContainers("..data_3/a.yaml", "v3")
            #expect(desk.settle() == nil)
            symlink("..data_3", desk.at("..data_tmp"))
            rename(desk.at("..data_tmp"), desk.at("..data"))
            let update = try #require(desk.settle())
            #expect(update.names == ["v3"] && update.messages == ["1 file changed: a.yaml"])
        }
    }
}
