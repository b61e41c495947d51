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
        // A network has by itself only the names of endpoints on other nodes.
        let isElsewhere = object.id.kind == .name && first.kind == .network
        diagnostics.append(
            Diagnostic(
                code: isElsewhere ? "name-elsewhere" : "wanted-twice", "\(object.id) is wanted by \(first) already",
                cause: isElsewhere ? "a container on another node has it" : nil,
                hint: isElsewhere ? "let nodeSelector choose one node, or make it a service of one replica" : nil,
                resource: owner, position: object.source))
    }

    func contains(_ id: ObjectID) -> Bool { ids.contains(id) }

    mutating func add(_ more: [KernelObject]) { for object in more { add(object) } }
}
