import LinuxHost
import Model
import Planning

/// What each object was when it was last applied. It lives with the kernel's own state, below the runtime directory,
/// and only words depend on it: whether a difference is called drift or a change of the manifests.
struct AppliedRecord {
    private let file: MemoryFile

    init(runtimeDirectory: String, set: String) {
        file = MemoryFile(directory: "\(runtimeDirectory)/\(set)", name: "applied.json")
    }

    /// Replaces the record; some objects keep what it has of them.
    func write(_ objects: [KernelObject], keeping kept: Set<ObjectID> = []) {
        let names = Set(kept.map(\.description))
        let old = names.isEmpty ? [] : (file.read()?.members ?? []).filter { names.contains($0.name) }
        // Written piece by piece: as one JSON value it would be the largest thing in memory.
        var text = "{"
        for member in old {
            text += (text.utf8.count > 1 ? "," : "") + JSONValue.string(member.name).text() + ":" + member.value.text()
        }
        for object in objects where !kept.contains(object.id) {
            if text.utf8.count > 1 { text += "," }
            text +=
                JSONValue.string(object.id.description).text() + ":"
                + FieldCoding.encode(object.fields.map(Self.withoutSecret)).text()
        }
        try? file.write(text: text + "}")
    }

    /// Removes the record.
    func forget() { try? file.write(nil) }

    /// The record, for the objects that a plan is made of.
    func fields(of objects: [KernelObject]) -> [ObjectID: [Field]] {
        let known = Dictionary(
            (file.read()?.members ?? []).map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        var result: [ObjectID: [Field]] = [:]
        for object in objects {
            if let json = known[object.id.description], let fields = FieldCoding.decode(json) {
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
