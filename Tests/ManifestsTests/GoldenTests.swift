import Foundation
import Manifests
import Model
import Testing

/// Wrong manifests and what is said of them: a folder a case under `Golden`, with its `*.yaml` and `expected.txt`.
/// `UPDATE_GOLDEN=1` writes what is said now into `expected.txt`, to be read before it is committed.
@Suite struct GoldenTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    static var cases: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    @Test(arguments: GoldenTests.cases)
    func saysWhatIsWrong(_ name: String) throws {
        let folder = Self.folder.appending(path: name)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let files = try names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted().map { file in
            let bytes = try Data(contentsOf: folder.appending(path: file))
            return ManifestDecoder.decode(bytes: Array(bytes), path: file, directory: "/etc/reconcile/manifests")
        }
        let snapshot = ManifestSnapshot(files: files)
        let said = snapshot.diagnostics.map { "\($0)\n  code: \($0.code)\n" }.joined()
        let kept = "resources: \(snapshot.resources.ids.map(\.description).joined(separator: " "))\n"
        let expected = folder.appending(path: "expected.txt")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try Data((said + kept).utf8).write(to: expected)
        }
        #expect(try String(contentsOf: expected, encoding: .utf8) == said + kept)
    }
}
