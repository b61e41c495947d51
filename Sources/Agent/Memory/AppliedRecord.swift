import LinuxHost
import Model
import Planning
import Synchronization

/// What each object was when it was last applied. It lives with the kernel's own state, below the runtime directory,
/// and only words depend on it: whether a difference is called drift or a change of the manifests.
///
/// What an agent follows between two passes over everything is kept in memory: the file has tens of thousands of objects,
/// and is written as a whole.
final class AppliedRecord: Sendable {
    private let file: MemoryFile
    /// What was applied since the file was written; `nil` for what was taken away.
    private let followed = Mutex<[ObjectID: [Field]?]>([:])

    init(runtimeDirectory: String, set: String) {
        file = MemoryFile(directory: "\(runtimeDirectory)/\(set)", name: "applied.json")
    }

    /// Notes what was applied by itself, or taken away; it is written with the next ``write(_:keeping:)`` or ``flush()``.
    func follow(_ changes: [ObjectID: [Field]?]) { followed.withLock { $0.merge(changes) { $1 } } }

    /// Whether something is noted that is not written.
    var isBehind: Bool { followed.withLock { !$0.isEmpty } }

    /// Replaces the record; some objects keep what it has of them.
    func write(_ objects: [KernelObject], keeping kept: Set<ObjectID> = []) {
        let news = followed.withLock { followed in
            defer { followed = [:] }
            return followed.filter { kept.contains($0.key) }
        }
        let names = Set(kept.lazy.filter { news[$0] == nil }.map(\.description))
        let old = names.isEmpty ? [] : (file.read()?.members ?? []).filter { names.contains($0.name) }
        let made = objects.lazy.filter { !kept.contains($0.id) }.map { ($0.id, $0.fields) }
        write(old, news.compactMap { id, fields in fields.map { (id, $0) } } + Array(made))
    }

    /// Writes what is noted.
    func flush() {
        let news = followed.withLock { followed in
            defer { followed = [:] }
            return followed
        }
        guard !news.isEmpty else { return }
        let names = Set(news.keys.map(\.description))
        write(
            (file.read()?.members ?? []).filter { !names.contains($0.name) },
            news.compactMap { id, fields in fields.map { (id, $0) } })
    }

    private func write(_ old: [JSONValue.Member], _ new: [(id: ObjectID, fields: [Field])]) {
        // Written piece by piece: as one JSON value it would be the largest thing in memory.
        var text = "{"
        for member in old {
            text += (text.utf8.count > 1 ? "," : "") + JSONValue.string(member.name).text() + ":" + member.value.text()
        }
        for (id, fields) in new {
            if text.utf8.count > 1 { text += "," }
            text +=
                JSONValue.string(id.description).text() + ":"
                + FieldCoding.encode(fields.map(Self.withoutSecret)).text()
        }
        try? file.write(text: text + "}")
    }

    /// Removes the record.
    func forget() {
        followed.withLock { $0 = [:] }
        try? file.write(nil)
    }

    /// The record, for the objects that a plan is made of.
    func fields(of objects: [KernelObject]) -> [ObjectID: [Field]] {
        let followed = followed.withLock { $0 }
        let known = Dictionary(
            (file.read()?.members ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        var result: [ObjectID: [Field]] = [:]
        for object in objects {
            if let news = followed[object.id] {
                result[object.id] = news
            } else if let json = known[object.id.description], let fields = FieldCoding.decode(json) {
                result[object.id] = fields.map { field in
                    // An unchanged secret is known by its hash.
                    guard let desired = object[field.name] else { return field }
                    let own = Field(field.name, desired)
                    return Self.withoutSecret(own) == field ? own : field
                }
            }
        }
        return result
    }

    /// A secret is kept as a hash, which is all that comparing takes.
    private static func withoutSecret(_ field: Field) -> Field {
        guard case .secret(let text) = field.value else { return field }
        return Field(field.name, .secret("v1:" + StableHash.hex(text, digits: 16)))
    }
}
