import Foundation
import Manifests
import Model
import Testing

@Suite struct LoaderTests {
    private func write(_ path: String, _ name: String) throws {
        let url = URL(filePath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        let text =
            "apiVersion: reconcile/v1\nkind: Container\nmetadata: { name: \(name) }\nspec: { image: \"oci:img\" }\n"
        try Data(text.utf8).write(to: url)
    }

    @Test func readsADirectoryInOrderWithoutLeftovers() throws {
        try withDirectory { directory in
            for (file, name) in [("b.yaml", "b"), ("a/x.yml", "x"), ("a/deep/y.yaml", "y"), ("c.yaml", "c")] {
                try write("\(directory)/\(file)", name)
            }
            for file in [".a.yaml", "..data/z.yaml", "b.yaml~", "#b.yaml#", ".#b.yaml", "notes.txt", "x.yaml.bak"] {
                try write("\(directory)/\(file)", "wrong")
            }
            let snapshot = ManifestLoader.load(paths: [directory])
            #expect(snapshot.diagnostics.isEmpty && !snapshot.isPartial, "\(snapshot.diagnostics)")
            let names = snapshot.files.map { String($0.path.dropFirst(directory.count + 1)) }
            #expect(names == ["a/deep/y.yaml", "a/x.yml", "b.yaml", "c.yaml"])
            #expect(
                snapshot.resources.containers.first { $0.metadata.name == "y" }?.image
                    == .oci(directory: "\(directory)/a/deep/img", tag: nil))
            #expect(snapshot.revision == ManifestLoader.load(paths: [directory]).revision)
            try write("\(directory)/c.yaml", "d")
            #expect(snapshot.revision != ManifestLoader.load(paths: [directory]).revision)
        }
    }

    /// A file may leave its networks to another: what was forgotten is then a path, not a manifest.
    @Test func aFileAloneIsToldToBringTheOther() throws {
        try withDirectory { directory in
            try write("\(directory)/web.yaml", "web")
            let text = try String(contentsOfFile: "\(directory)/web.yaml", encoding: .utf8)
            try Data(text.replacing("\"oci:img\"", with: "\"oci:img\", networks: [front]").utf8)
                .write(to: URL(filePath: "\(directory)/web.yaml"))
            let alone = ManifestLoader.load(paths: ["\(directory)/web.yaml"])
            let found = try #require(alone.diagnostics.first)
            #expect(found.code == "unknown-network" && alone.diagnostics.count == 1)
            #expect(found.hint?.hasPrefix("if another file describes it, name that file too, or the directory") == true)
            let whole = ManifestLoader.load(paths: [directory])
            #expect(whole.diagnostics.first?.hint?.hasPrefix("add a manifest of kind Network") == true)
        }
    }

    @Test func followsLinksOnceAndSurvivesLoops() throws {
        try withDirectory { directory in
            let manager = FileManager.default
            try write("\(directory)/real/a.yaml", "a")
            try manager.createSymbolicLink(atPath: "\(directory)/alias", withDestinationPath: "real")
            try manager.createSymbolicLink(atPath: "\(directory)/b.yaml", withDestinationPath: "real/a.yaml")
            try manager.createSymbolicLink(atPath: "\(directory)/real/up", withDestinationPath: "..")
            try manager.createSymbolicLink(atPath: "\(directory)/self.yaml", withDestinationPath: "self.yaml")
            try manager.createSymbolicLink(atPath: "\(directory)/gone.yaml", withDestinationPath: "nowhere")
            try manager.createSymbolicLink(atPath: "\(directory)/gone.txt", withDestinationPath: "nowhere")
            let snapshot = ManifestLoader.load(paths: [directory])
            #expect(snapshot.files.count == 1 && snapshot.resources.containers.count == 1)
            #expect(snapshot.diagnostics.map(\.code).sorted() == ["symlink-loop", "unreadable", "unreadable"])
            #expect(snapshot.diagnostics.contains { $0.hint?.contains("leads back") == true })
        }
    }

    @Test func filesArePartialAndMissingPathsAreErrors() throws {
        try withDirectory { directory in
            try write("\(directory)/a", "a")
            let one = ManifestLoader.load(paths: ["\(directory)/a", "\(directory)/a"])
            #expect(one.isPartial && one.resources.containers.count == 1 && one.diagnostics.isEmpty)
            let missing = ManifestLoader.load(paths: ["\(directory)/none"])
            #expect(missing.hasErrors && missing.diagnostics.map(\.code) == ["unreadable"])
            #expect(missing.diagnostics[0].cause == "stat: No such file or directory")
        }
    }

    @Test func emptyDirectoriesSaySo() throws {
        try withDirectory { directory in
            let snapshot = ManifestLoader.load(paths: [directory])
            #expect(snapshot.diagnostics.map(\.code) == ["no-manifests"] && !snapshot.hasErrors)
        }
    }

    @Test func devicesAndPipesDoNotBlock() throws {
        try withDirectory { directory in
            #expect(mkfifo("\(directory)/pipe.yaml", 0o600) == 0)
            #expect(ManifestLoader.load(paths: [directory]).diagnostics.map(\.code) == ["unreadable"])
            #expect(ManifestLoader.load(file: "\(directory)/pipe.yaml").diagnostics.map(\.code) == ["unreadable"])
            #expect(ManifestLoader.load(paths: ["/dev/zero"]).hasErrors)
        }
    }
}
