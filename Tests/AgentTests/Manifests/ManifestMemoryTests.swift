import Foundation
import Manifests
import Model
import Testing

@testable import Agent

@Suite struct ManifestMemoryTests {
    private func file(_ name: String, _ text: String) -> ManifestFile {
        ManifestDecoder.decode(text: text, path: "m/\(name)", directory: "/srv/m")
    }

    private func memory(_ data: String, root: String = "/srv/m") -> ManifestMemory {
        ManifestMemory(dataDirectory: data, set: "default", root: root)
    }

    private func save(_ memory: inout ManifestMemory, _ files: [ManifestFile]) throws {
        try memory.save(files) { String($0.dropFirst(2)) }
    }

    private func recall(_ data: String, root: String = "/srv/m") -> [ManifestFile] {
        var memory = memory(data, root: root)
        return memory.recall { "other/\($0)" }
    }

    private func names(_ data: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: data + "/memory/manifests-default"))
    }

    @Test func comesBackToTheByte() async throws {
        try await withDirectory { data in
            let files = [file("a.yaml", "\u{feff}" + SourceDesk.container("a") + "# é"), file("b/c.yaml", "")]
            var memory = memory(data)
            try save(&memory, files)
            let back = recall(data)
            #expect(back.map(\.path) == ["other/a.yaml", "other/b/c.yaml"])
            #expect(back.map(\.bytes) == files.map(\.bytes) && back.map(\.directory) == ["/srv/m", "/srv/m"])
            #expect(recall(data, root: "/elsewhere").isEmpty)
            let path = data + "/memory/manifests-default/index.json"
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            ManifestMemory.forget(dataDirectory: data, set: "default")
            #expect(recall(data).isEmpty && !FileManager.default.fileExists(atPath: data + "/memory/manifests-default"))
        }
    }

    @Test func onlyWhatChangedIsWrittenAndNothingIsLeftOver() async throws {
        try await withDirectory { data in
            var memory = memory(data)
            try save(&memory, [])
            #expect(!FileManager.default.fileExists(atPath: data + "/memory"))
            try save(&memory, [file("a.yaml", "# a"), file("b.yaml", "# b"), file("same.yaml", "# a")])
            let first = try names(data)
            #expect(first.count == 3)
            let index = data + "/memory/manifests-default/index.json"
            let inode = try FileManager.default.attributesOfItem(atPath: index)[.systemFileNumber] as? Int
            try save(&memory, [file("a.yaml", "# a"), file("b.yaml", "# b"), file("same.yaml", "# a")])
            #expect(try FileManager.default.attributesOfItem(atPath: index)[.systemFileNumber] as? Int == inode)
            try Data().write(to: URL(filePath: data + "/memory/manifests-default/leftover.7.tmp"))
            try save(&memory, [file("a.yaml", "# a"), file("b.yaml", "# other")])
            let second = try names(data)
            #expect(second.count == 3 && second.intersection(first).count == 2)
            #expect(recall(data).map { String(decoding: $0.bytes, as: UTF8.self) } == ["# a", "# other"])
        }
    }

    /// What a crash or a bad disk left of a file is found out; so is what this version no longer takes.
    @Test func whatIsBrokenIsLost() async throws {
        try await withDirectory { data in
            var memory = memory(data)
            try save(&memory, [file("a.yaml", "# a"), file("b.yaml", "# b"), file("c.yaml", "kind: Nothing\n")])
            let directory = data + "/memory/manifests-default"
            for name in try names(data) {
                let path = "\(directory)/\(name)"
                if try String(contentsOfFile: path, encoding: .utf8) == "# b" {
                    try Data("# x".utf8).write(to: URL(filePath: path))
                }
            }
            #expect(recall(data).map(\.path) == ["other/a.yaml"])
            for text in ["", "{", "[]", #"{"version": 2}"#, #"{"version": 1, "root": "/srv/m", "files": [1, {}]}"#] {
                try Data(text.utf8).write(to: URL(filePath: directory + "/index.json"))
                #expect(recall(data).isEmpty)
            }
        }
    }

    @Test func tooMuchIsNotKept() async throws {
        try await withDirectory { data in
            let half = file("a.yaml", "#" + String(repeating: "x", count: ManifestMemory.limit / 2))
            var memory = memory(data)
            try save(&memory, [half])
            #expect(throws: Diagnostic.self) { try save(&memory, [half, half]) }
            #expect(recall(data).count == 1)
        }
    }

    /// A full or read-only disk: the agent goes on, and says so.
    @Test func whereItCannotBeWritten() async throws {
        try await withDirectory { data in
            try Data().write(to: URL(filePath: data + "/memory"))
            var memory = memory(data)
            #expect(throws: Diagnostic.self) { try save(&memory, [file("a.yaml", "# a")]) }
        }
    }
}
