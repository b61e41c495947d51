import Foundation
import Model
import Planning

/// A directory that is removed after the test.
func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appending(path: "agent-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    return try await body(directory.path)
}

/// The creation of an object that waits for others.
func creation(_ id: ObjectID, after dependsOn: [Int] = []) -> Change {
    var change = Change(
        .create, before: nil, after: KernelObject(id, owner: .network("n")), cause: Change.Cause(.manifest, "asked"))
    change.dependsOn = dependsOn
    return change
}
