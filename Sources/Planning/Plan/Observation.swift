import Model

/// Whose an observed object is.
public enum Ownership: Hashable, Sendable {
    /// Marked as of the set that is being planned.
    case ours
    /// Without a mark, on or in something of ours: compared where it is desired, never removed.
    case unmarked
    /// Not ours; the text names what it is or whose (`a link without a mark of ours`, `set staging, container/web`).
    case foreign(String)
}

/// What was seen in the kernel.
public struct Observation: Sendable {
    /// Every object that matters to the plan, by id: all that is marked ours, and what stands under a name we want.
    public var objects: [ObjectID: KernelObject]
    /// The ids among them that are not ours.
    public var foreign: [ObjectID: String]
    /// The ids among them that bear no mark, and may be adopted.
    public var unmarked: Set<ObjectID>

    /// An observation.
    public init(objects: [KernelObject] = [], foreign: [ObjectID: String] = [:], unmarked: Set<ObjectID> = []) {
        self.objects = Dictionary(objects.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.foreign = foreign
        self.unmarked = unmarked
    }

    /// Whether an observed object bears our mark.
    func isOurs(_ id: ObjectID) -> Bool {
        (foreign.isEmpty || foreign[id] == nil) && (unmarked.isEmpty || !unmarked.contains(id))
    }

    /// How many of the objects bear our mark.
    var countOfOurs: Int { objects.count - foreign.count - unmarked.count }

    /// Adds an object; one of the same id that was there before is forgotten.
    public mutating func insert(_ object: KernelObject, _ ownership: Ownership = .ours) {
        if objects.updateValue(object, forKey: object.id) != nil {
            unmarked.remove(object.id)
            foreign[object.id] = nil
        }
        switch ownership {
        case .ours: break
        case .unmarked: unmarked.insert(object.id)
        case .foreign(let whose): foreign[object.id] = whose
        }
    }

    /// Forgets an object.
    public mutating func remove(_ id: ObjectID) {
        objects[id] = nil
        foreign[id] = nil
        unmarked.remove(id)
    }

    /// Adds all of another observation.
    public mutating func merge(_ other: Observation) {
        if objects.isEmpty, foreign.isEmpty, unmarked.isEmpty {
            self = other
            return
        }
        objects.reserveCapacity(objects.count + other.objects.count)
        objects.merge(other.objects) { $1 }
        foreign.merge(other.foreign) { $1 }
        unmarked.formUnion(other.unmarked)
    }
}
