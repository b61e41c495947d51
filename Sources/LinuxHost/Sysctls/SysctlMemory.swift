import Model
import Synchronization

/// The values that sysctls had before we changed them, and which sets need the change: the last one to go writes the
/// old value back.
final class SysctlMemory: Sendable {
    struct Entry: Hashable, Sendable {
        var original: String
        var sets: Set<String>
        /// It is a link's, and was off for all links then.
        var wasOffForAll = false
    }

    private let file: MemoryFile
    private let set: String

    init(dataDirectory: String, set: String) {
        file = MemoryFile(directory: "\(dataDirectory)/memory", name: "sysctls.json")
        self.set = set
    }

    func entries() -> [String: Entry] {
        var entries: [String: Entry] = [:]
        for member in file.read()?.members ?? [] {
            guard let original = member.value["original"]?.string else { continue }
            let sets = member.value["sets"]?.array?.compactMap(\.string) ?? []
            entries[member.name] = Entry(
                original: original, sets: Set(sets), wasOffForAll: member.value["offForAll"]?.bool ?? false)
        }
        return entries
    }

    /// The paths that our set changed.
    func ours() -> Swift.Set<String> { Swift.Set(entries().filter { $0.value.sets.contains(set) }.keys) }

    /// Notes values before they are changed.
    func remember(
        _ originals: [String: String], wasOffForAll: (String) -> Bool = { _ in false }
    ) throws(Diagnostic) {
        guard !originals.isEmpty else { return }
        try change { entries in
            for (path, value) in originals {
                let new = Entry(original: value, sets: [], wasOffForAll: wasOffForAll(path))
                entries[path, default: new].sets.insert(set)
            }
        }
    }

    /// Notes that our set needs values, too, which another one has changed.
    func share(_ paths: some Sequence<String>) throws(Diagnostic) {
        let entries = entries()
        let new = paths.filter { entries[$0].map { !$0.sets.contains(set) } ?? false }
        guard !new.isEmpty else { return }
        try change { entries in for path in new { entries[path]?.sets.insert(set) } }
    }

    /// Strikes our set off; answers with the value to write back, or `nil` where another set still needs the change.
    func original(_ path: String) -> String? {
        guard let entry = entries()[path], entry.sets.subtracting([set]).isEmpty else { return nil }
        return entry.original
    }

    /// Forgets our set's need of these.
    func forget(_ paths: [String]) throws(Diagnostic) {
        let entries = entries()
        guard paths.contains(where: { entries[$0] != nil }) else { return }
        try change { entries in
            for path in paths {
                entries[path]?.sets.remove(set)
                if entries[path]?.sets.isEmpty == true { entries[path] = nil }
            }
        }
    }

    /// Passes of several sets go on at the same time.
    private func change(_ body: (inout [String: Entry]) -> Void) throws(Diagnostic) {
        try file.locked { () throws(Diagnostic) in
            var entries = entries()
            body(&entries)
            try write(entries)
        }
    }

    private func write(_ entries: [String: Entry]) throws(Diagnostic) {
        guard !entries.isEmpty else { return try file.write(nil) }
        let members = entries.sorted { $0.key < $1.key }.map { path, entry in
            JSONValue.Member(
                path,
                [
                    "original": .string(entry.original), "sets": .strings(entry.sets.sorted()),
                    "offForAll": .bool(entry.wasOffForAll),
                ])
        }
        try file.write(.object(members))
    }
}
