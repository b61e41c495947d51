import Model

/// The objects that should be in one scope, parents first. Single ones can be changed without going through all: the
/// entries of an overlay network are tens of thousands, of which one comes or goes at a time.
struct ScopeObjects: Sendable {
    /// All of them.
    private(set) var all: [KernelObject]
    /// Where each of them is; `nil` until the first one is changed.
    private var positions: [ObjectID: Int]?

    init(_ all: [KernelObject] = []) { self.all = all }

    /// An object by its place among ``all``.
    subscript(index: Int) -> KernelObject {
        get { all[index] }
        set { all[index] = newValue }
    }

    /// Takes an object out.
    mutating func remove(at index: Int) {
        let gone = all[index].id
        guard let last = all.last, positions != nil else {
            all.remove(at: index)
            return
        }
        if last.hangsOn == all[index].hangsOn {
            // The last one takes its place: all that it hangs on stands before it there, too.
            all[index] = last
            all.removeLast()
            positions?[last.id] = index
        } else {
            all.remove(at: index)
            for later in index..<all.count { positions?[all[later].id] = later }
        }
        positions?[gone] = nil
    }

    /// Desires an object otherwise than before, or no more; answers with whether that makes a difference to what is there.
    @discardableResult
    mutating func set(_ id: ObjectID, _ object: KernelObject?) -> Bool {
        if positions == nil {
            positions = Dictionary(
                zip(all.lazy.map(\.id), all.indices).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
        }
        switch (positions?[id], object) {
        case (let index?, let object?): all[index] = object
        case (let index?, nil): remove(at: index)
        case (nil, let object?):
            positions?[id] = all.count
            all.append(object)
        case (nil, nil): return false
        }
        return true
    }
}
