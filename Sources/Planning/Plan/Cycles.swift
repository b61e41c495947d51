/// True where some wait for each other: `edges` names for each what it waits for.
func hasCycle(_ edges: [[Int]]) -> Bool {
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

/// The strongly connected component of each, by number: those that wait for each other, however far around, share one.
///
/// Kosaraju's algorithm, without recursion: a plan may have chains of any length.
func components(_ edges: [[Int]]) -> [Int] {
    var reversed = [[Int]](repeating: [], count: edges.count)
    for (position, before) in edges.enumerated() { for other in before { reversed[other].append(position) } }
    var component = [Int](repeating: -1, count: edges.count)
    var number = 0
    for start in finishing(edges).reversed() where component[start] < 0 {
        component[start] = number
        var open = [start]
        while let next = open.popLast() {
            for other in reversed[next] where component[other] < 0 {
                component[other] = number
                open.append(other)
            }
        }
        number += 1
    }
    return component
}

/// All, in the order in which a search in depth is done with them.
private func finishing(_ edges: [[Int]]) -> [Int] {
    var finished: [Int] = []
    var isSeen = [Bool](repeating: false, count: edges.count)
    for start in edges.indices where !isSeen[start] {
        isSeen[start] = true
        var path = [(position: start, tried: 0)]
        while let (position, tried) = path.last {
            guard tried < edges[position].count else {
                finished.append(position)
                path.removeLast()
                continue
            }
            path[path.count - 1].tried += 1
            let other = edges[position][tried]
            if !isSeen[other] {
                isSeen[other] = true
                path.append((other, 0))
            }
        }
    }
    return finished
}
