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

    /// Replaces the record.
    func write(_ objects: [KernelObject]) {
        let members = objects.map { JSONValue.Member($0.id.description, FieldCoding.encode($0.fields)) }
        try? file.write(.object(members))
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
                result[object.id] = fields
            }
        }
        return result
    }
}
