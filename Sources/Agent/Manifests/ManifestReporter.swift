import Manifests
import Model

/// Tells what is new about the manifests, each thing once.
struct ManifestReporter {
    private var contents: ManifestChanges.Contents?
    private var told: Set<Diagnostic> = []
    private var conditions: [String] = []
    private var last: PassInput?

    /// What is new; `nil` where all is as it was told.
    mutating func report(
        _ reading: ManifestReading, _ verdict: LastGood.Verdict, _ warnings: [Diagnostic], head: String?
    ) -> ManifestUpdate? {
        let input = verdict.input
        let present = input.diagnostics + input.rejected + warnings
        let fresh = present.filter { !told.contains($0) }
        told = Set(present)
        let messages = changes(reading) + conditionMessages(verdict.conditions)
        let isFirst = last == nil
        let needsPass =
            isFirst || last?.resources != input.resources || last?.prunes != input.prunes
            || last?.revision != input.revision
        let isMended = last?.isDegraded ?? false && !input.isDegraded
        last = input
        guard needsPass || isMended || !fresh.isEmpty || !messages.isEmpty else { return nil }
        return ManifestUpdate(
            input: input, needsPass: needsPass, diagnostics: fresh, messages: messages, head: head)
    }

    private mutating func changes(_ reading: ManifestReading) -> [String] {
        var current = ManifestChanges.Contents(minimumCapacity: reading.files.count)
        for file in reading.files { current[file.path] = file.contentHash }
        defer { contents = current }
        guard let contents else {
            let count = reading.files.count
            return count == 0 ? [] : ["\(count) \(count == 1 ? "file" : "files") read"]
        }
        return ManifestChanges(from: contents, to: current).messages(reading.name)
    }

    private mutating func conditionMessages(_ current: [String]) -> [String] {
        defer { conditions = current }
        if current.isEmpty, !conditions.isEmpty { return ["the manifests are good again"] }
        return current.filter { !conditions.contains($0) }
    }
}
