import Model

/// Collects the objects that should exist, each once.
///
/// That two resources want one is an error of the later, but for images, which are shared.
struct UniqueObjects {
    private(set) var objects: [KernelObject] = []
    private(set) var diagnostics: [Diagnostic] = []
    private var ids: Set<ObjectID> = []

    init(capacity: Int) {
        objects.reserveCapacity(capacity)
        ids.reserveCapacity(capacity)
    }

    mutating func add(_ object: KernelObject) {
        guard !ids.insert(object.id).inserted else { return objects.append(object) }
        guard object.id.kind != .image, let owner = object.owner,
            let first = objects.first(where: { $0.id == object.id })?.owner, owner != first
        else { return }
        diagnostics.append(
            Diagnostic(
                code: "wanted-twice", "\(object.id) is wanted by \(first) already", resource: owner,
                position: object.source))
    }

    func contains(_ id: ObjectID) -> Bool { ids.contains(id) }

    mutating func add(_ more: [KernelObject]) { for object in more { add(object) } }
}
