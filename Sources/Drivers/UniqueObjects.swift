import Model

/// Collects the objects that should exist, each once.
///
/// That two resources want one is an error of the later, but for images, which are shared.
struct UniqueObjects {
    private(set) var objects: [KernelObject] = []
    private(set) var diagnostics: [Diagnostic] = []
    private var places: [ObjectID: Int] = [:]

    init(capacity: Int) {
        objects.reserveCapacity(capacity)
        places.reserveCapacity(capacity)
    }

    mutating func add(_ object: KernelObject) {
        guard let place = places.updateValue(objects.count, forKey: object.id) else {
            objects.append(object)
            return
        }
        places[object.id] = place
        guard let owner = object.owner, let first = objects[place].owner, owner != first, object.id.kind != .image
        else { return }
        diagnostics.append(
            Diagnostic(
                code: "wanted-twice", "\(object.id) is wanted by \(first) already", resource: owner,
                position: object.source))
    }

    mutating func add(_ more: [KernelObject]) { for object in more { add(object) } }
}
