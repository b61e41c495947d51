import Model

/// Whose an observed object is.
public enum Ownership: Hashable, Sendable {
    /// Marked as of the set that is being planned.
    case ours
    /// Not ours; the text names what it is or whose (`a link without a mark of ours`, `set staging, container/web`).
    case foreign(String)
}

/// What was seen in the kernel.
public struct Observation: Sendable {
    /// Every object that matters to the plan, by id: all that is marked ours, and what stands under a name we want.
    public var objects: [ObjectID: KernelObject]
    /// The ids among them that are not ours.
    public var foreign: [ObjectID: String]

    /// An observation.
    public init(objects: [KernelObject] = [], foreign: [ObjectID: String] = [:]) {
        self.objects = Dictionary(objects.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.foreign = foreign
    }

    /// Adds an object.
    public mutating func insert(_ object: KernelObject, _ ownership: Ownership = .ours) {
        objects[object.id] = object
        if case .foreign(let whose) = ownership { foreign[object.id] = whose }
    }

    /// Adds all of another observation.
    public mutating func merge(_ other: Observation) {
        objects.merge(other.objects) { $1 }
        foreign.merge(other.foreign) { $1 }
    }
}
