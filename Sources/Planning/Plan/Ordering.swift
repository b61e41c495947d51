import Model

/// Puts changes into the order in which a plan lists them, and says which must wait for which.
///
/// Three rules give the edges: a parent is made before its children and removed after them; what an object names in
/// `after` comes first; and what frees a unique key comes before what takes it. `departing` says beside these what comes
/// before an object is removed.
func order(
    changes: [ObjectID: Change], observation: Observation, departing: [ObjectID: [ObjectID]] = [:]
) -> [Change] {
    var ordered = grouped(changes)
    var index: [ObjectID: Int] = [:]
    index.reserveCapacity(ordered.count)
    for (position, change) in ordered.enumerated() { index[change.id] = position }
    var edges = [[Int]](repeating: [], count: ordered.count)
    for (position, change) in ordered.enumerated() {
        if let after = change.after {
            for ids in [after.hangsOn, after.after] {
                for id in ids {
                    if let other = index[id], other != position, ordered[other].after != nil {
                        edges[position].append(other)
                    }
                }
            }
        }
        // What is removed goes before what it stood on, where that is removed for good.
        if change.action == .delete || change.action == .replace, let before = change.before {
            for id in before.hangsOn + before.after {
                if let other = index[id], other != position, ordered[other].action == .delete {
                    edges[other].append(position)
                }
            }
        }
    }
    for (id, others) in departing {
        guard let position = index[id], ordered[position].action == .delete else { continue }
        edges[position] += others.compactMap { index[$0] }
    }
    let keyEdges = edgesOfKeys(ordered, index, observation)
    var all = edges
    for (position, more) in keyEdges { all[position] += more }
    // Objects that swap keys would wait for each other; among them the kernel is asked in the plan's own order.
    if !keyEdges.isEmpty, hasCycle(all) {
        let component = components(all)
        for (position, more) in keyEdges {
            all[position] = edges[position] + more.filter { component[$0] != component[position] }
        }
    }
    for position in ordered.indices where !all[position].isEmpty {
        ordered[position].dependsOn = unique(all[position])
    }
    return ordered
}

/// By resource, and within each in the order of its ids. Sorting the resources first spares most comparisons of text.
private func grouped(_ changes: [ObjectID: Change]) -> [Change] {
    // Numbers are sorted, not what they number: a change is large to move.
    let all = Array(changes.values)
    var groups: [ResourceID: [(id: ObjectID, number: Int)]] = [:]
    for (number, (id, change)) in changes.enumerated() {
        groups[change.resource, default: []].append((id, number))
    }
    var ordered: [Change] = []
    ordered.reserveCapacity(changes.count)
    for (_, var group) in groups.sorted(by: { $0.key < $1.key }) {
        group.sort { $0.id < $1.id }
        for member in group { ordered.append(all[member.number]) }
    }
    return ordered
}

/// Sorted, each once.
private func unique(_ numbers: [Int]) -> [Int] {
    guard numbers.count > 1 else { return numbers }
    var result: [Int] = []
    for number in numbers.sorted() where result.last != number { result.append(number) }
    return result
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
