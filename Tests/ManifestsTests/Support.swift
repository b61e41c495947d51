import Foundation
import Manifests
import Model
import Testing

/// A manifest as most tests need it.
func decode(_ text: String) -> ManifestFile {
    ManifestDecoder.decode(text: text, path: "web.yaml", directory: "/srv/manifests")
}

/// The container of a manifest with these lines below `spec`; fails the test where they are wrong.
func container(_ spec: String) throws -> Container {
    let lines = spec.split(separator: "\n").map { "  \($0)\n" }.joined()
    let file = decode("apiVersion: reconcile/v1\nkind: Container\nmetadata: { name: web }\nspec:\n\(lines)")
    #expect(file.diagnostics.isEmpty, "\(file.diagnostics)")
    return try #require(file.resources.containers.first)
}

/// The right manifests beside the tests.
func example(_ name: String) throws -> ManifestFile {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Examples/\(name)")
    return ManifestDecoder.decode(bytes: try Array(Data(contentsOf: path)), path: name, directory: "/srv/manifests")
}

/// A directory that is removed after the test.
func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "manifests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try body(directory.path)
}
