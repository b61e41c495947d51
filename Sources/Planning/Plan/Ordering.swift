import Model

/// Puts changes into the order in which a plan lists them, and says which must wait for which.
///
/// Three rules give the edges: a parent is made before its children and removed after them; what an object names in
/// `after` comes first; and what frees a unique key comes before what takes it.
func order(changes: [ObjectID: Change], observation: Observation) -> [Change] {
    var ordered = changes.values.sorted {
        $0.resource == $1.resource ? $0.id < $1.id : $0.resource < $1.resource
    }
    let index = Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ($1.id, $0) })
    var edges = [Set<Int>](repeating: [], count: ordered.count)
    for (position, change) in ordered.enumerated() {
        if let after = change.after {
            for id in after.hangsOn + after.after {
                if let other = index[id], other != position, ordered[other].after != nil {
                    edges[position].insert(other)
                }
            }
        }
        // What is removed goes before what it stood on, where that is removed for good.
        if change.action == .delete || change.action == .replace, let before = change.before {
            for id in before.hangsOn + before.after {
                if let other = index[id], other != position, ordered[other].action == .delete {
                    edges[other].insert(position)
                }
            }
        }
    }
    let keyEdges = edgesOfKeys(ordered, index, observation)
    var all = edges
    for (position, more) in keyEdges { all[position].formUnion(more) }
    // Two objects that swap a key would wait for each other; then the kernel is asked in the plan's own order.
    let final = hasCycle(all) ? edges : all
    for position in ordered.indices { ordered[position].dependsOn = final[position].sorted() }
    return ordered
}

private func edgesOfKeys(
    _ changes: [Change], _ index: [ObjectID: Int], _ observation: Observation
) -> [Int: Set<Int>] {
    var freed: [String: Int] = [:]
    for (position, change) in changes.enumerated() {
        guard let before = change.before else { continue }
        for key in before.keys where change.action == .delete || change.after?.keys.contains(key) != true {
            freed[key] = position
        }
    }
    freed.merge(keysOfTheRemoved(changes, index, observation)) { own, _ in own }
    guard !freed.isEmpty else { return [:] }
    var edges: [Int: Set<Int>] = [:]
    for (position, change) in changes.enumerated() {
        for key in change.after?.keys ?? [] {
            if let other = freed[key], other != position { edges[position, default: []].insert(other) }
        }
    }
    return edges
}

/// The keys of what the kernel removes along with something else, and the change that does so.
private func keysOfTheRemoved(
    _ changes: [Change], _ index: [ObjectID: Int], _ observation: Observation
) -> [String: Int] {
    guard changes.contains(where: { $0.action == .delete || $0.action == .replace }) else { return [:] }
    var freed: [String: Int] = [:]
    for object in observation.objects.values where !object.keys.isEmpty && object.id.kind.diesWithParent {
        guard let position = remover(of: object, changes, index, observation) else { continue }
        for key in object.keys { freed[key] = position }
    }
    return freed
}

/// The change that removes what an object hangs on, however far below.
private func remover(
    of object: KernelObject, _ changes: [Change], _ index: [ObjectID: Int], _ observation: Observation
) -> Int? {
    for parent in object.hangsOn {
        if let position = index[parent], [.delete, .replace].contains(changes[position].action) { return position }
        if let below = observation.objects[parent], below.id.kind.diesWithParent,
            let position = remover(of: below, changes, index, observation)
        {
            return position
        }
    }
    return nil
}

private func hasCycle(_ edges: [Set<Int>]) -> Bool {
    var waiting = edges.map(\.count)
    var dependents = [[Int]](repeating: [], count: edges.count)
    for (position, before) in edges.enumerated() { for other in before { dependents[other].append(position) } }
    var ready = waiting.indices.filter { waiting[$0] == 0 }
    var done = 0
    while let next = ready.popLast() {
        done += 1
        for other in dependents[next] {
            waiting[other] -= 1
            if waiting[other] == 0 { ready.append(other) }
        }
    }
    return done < edges.count
}
