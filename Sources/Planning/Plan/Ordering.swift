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
        // What is removed with nothing in its place goes before what it stood on.
        if change.action == .delete, let before = change.before {
            for id in before.hangsOn + before.after {
                if let other = index[id], other != position, ordered[other].action == .delete {
                    edges[other].insert(position)
                }
            }
        }
    }
    let keyEdges = edgesOfKeys(ordered)
    var all = edges
    for (position, more) in keyEdges { all[position].formUnion(more) }
    // Two objects that swap a key would wait for each other; then the kernel is asked in the plan's own order.
    let final = hasCycle(all) ? edges : all
    for position in ordered.indices { ordered[position].dependsOn = final[position].sorted() }
    return ordered
}

private func edgesOfKeys(_ changes: [Change]) -> [Int: Set<Int>] {
    var freed: [String: Int] = [:]
    for (position, change) in changes.enumerated() {
        guard let before = change.before else { continue }
        for key in before.keys where change.action == .delete || change.after?.keys.contains(key) != true {
            freed[key] = position
        }
    }
    guard !freed.isEmpty else { return [:] }
    var edges: [Int: Set<Int>] = [:]
    for (position, change) in changes.enumerated() {
        for key in change.after?.keys ?? [] {
            if let other = freed[key], other != position { edges[position, default: []].insert(other) }
        }
    }
    return edges
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
