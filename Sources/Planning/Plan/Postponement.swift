import Model

extension Plan {
    /// The plan without some objects, whose turn has not come, and without what must wait for them.
    public func postponing(_ ids: Set<ObjectID>) -> Plan {
        guard !ids.isEmpty, changes.contains(where: { ids.contains($0.id) }) else { return self }
        var isPostponed = changes.map { ids.contains($0.id) }
        var isSettled = false
        while !isSettled {
            isSettled = true
            for (index, change) in changes.enumerated() where !isPostponed[index] {
                guard change.dependsOn.contains(where: { isPostponed[$0] }) else { continue }
                isPostponed[index] = true
                isSettled = false
            }
        }
        var positions: [Int: Int] = [:]
        for index in changes.indices where !isPostponed[index] { positions[index] = positions.count }
        var rest = self
        rest.changes = changes.indices.filter { !isPostponed[$0] }.map { index in
            var change = changes[index]
            change.dependsOn = change.dependsOn.compactMap { positions[$0] }
            return change
        }
        let postponed = Set(changes.indices.filter { isPostponed[$0] }.map { changes[$0].id })
        // Drift that is only reported is no operation, and waits for none.
        rest.drift = drift.filter { !postponed.contains($0.id) }
        return rest
    }
}
