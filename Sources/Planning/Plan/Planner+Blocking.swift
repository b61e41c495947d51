import Model

/// What is left alone: the objects of resources that are held, and all that cannot be made because of them.
extension Planner {
    func isLeftAlone(_ object: KernelObject) -> Bool {
        guard leavesSomethingAlone else { return false }
        guard let owner = object.owner, !shared.contains(object.id) else { return false }
        return isLeftAlone(owner) || left.reported.contains(object.id) || missed.contains(object.id)
    }

    /// Whether something that was observed is of a resource about which something is wrong, by its id.
    func isHeld(observed id: ObjectID) -> Bool {
        !options.held.isEmpty && observation.objects[id]?.owner.map(options.held.contains) == true
    }

    /// Most passes leave nothing alone: then no object has to be asked about.
    var leavesSomethingAlone: Bool {
        !options.held.isEmpty || !options.suspended.isEmpty || !blocked.isEmpty || !left.isEmpty
    }

    func isLeftAlone(_ resource: ResourceID) -> Bool {
        options.held.contains(resource) || options.suspended.contains(resource) || blocked.contains(resource)
            || left.used[resource] != nil
    }

    /// Leaves alone the resources of which something would have to be made that cannot be. What is there already, and
    /// stays as it is, only earns a warning.
    mutating func meetObstacles() {
        for object in desired { compare(object) }
        for object in desired {
            guard let found = options.obstacles[object.id], let owner = object.owner else { continue }
            if observation.objects[object.id] == nil || isMade(changes[object.id]) {
                blocked.insert(owner)
                diagnostics += found
            } else {
                diagnostics += found.map(Self.asWarning)
            }
        }
        changes = [:]
        withheld = [:]
        found = 0
    }

    private func isMade(_ change: Change?) -> Bool {
        switch change?.action {
        case .create, .replace: true
        case .update, .delete, nil: false
        }
    }

    private static func asWarning(_ diagnostic: Diagnostic) -> Diagnostic {
        var diagnostic = diagnostic
        diagnostic.severity = .warning
        diagnostic.hint = "what runs goes on running, but cannot be started anew"
        return diagnostic
    }

    /// What needs an object that is not there and will not be made is left alone too. An image is nobody's alone: it is
    /// made if anybody may have it.
    mutating func block() {
        var isSettled = false
        while !isSettled {
            isSettled = true
            shared = []
            for object in desired where !isLeftAlone(object) {
                shared.formUnion((object.hangsOn + object.after).filter { !$0.kind.isPruned })
            }
            let missing = Set(
                desired.filter { isLeftAlone($0) && !isOurs($0.id) && $0.id.kind.isPruned }.map(\.id))
            let kept = keysLeftAlone()
            // Links last: an address that cannot be had tells more than the MAC that is derived from it.
            let others = desired.filter { $0.id.kind != .link } + desired.filter { $0.id.kind == .link }
            for object in others where !isLeftAlone(object) {
                guard let owner = object.owner, let reason = obstacle(to: object, missing, kept) else { continue }
                isSettled = false
                guard !object.id.kind.isAuxiliary else {
                    missed.insert(object.id)
                    continue
                }
                blocked.insert(owner)
                diagnostics.append(
                    Diagnostic(code: "not-possible", reason, resource: owner, position: object.source))
            }
        }
    }

    /// Why an object cannot be made as long as others are left alone.
    private func obstacle(to object: KernelObject, _ missing: Set<ObjectID>, _ kept: [String: ObjectID]) -> String? {
        let after = object.after.lazy.filter { !$0.kind.isAuxiliary }
        if let needed = object.hangsOn.first(where: missing.contains) ?? after.first(where: missing.contains) {
            return "\(object.id) needs \(needed), which cannot be made now"
        }
        for key in object.keys {
            if let holder = kept[key], holder != object.id {
                return "\(object.id) cannot be had: \(holder) has it and is left as it is"
            }
        }
        return nil
    }

    /// The unique keys that resources which are left alone go on holding.
    private func keysLeftAlone() -> [String: ObjectID] {
        var kept: [String: ObjectID] = [:]
        for (id, object) in observation.objects
        where !object.keys.isEmpty && isLeftAlone(object) && isOurs(id) && !observation.unmarked.contains(id) {
            for key in object.keys { kept[key] = id }
        }
        return kept
    }

    private func isOurs(_ id: ObjectID) -> Bool { observation.objects[id] != nil && observation.foreign[id] == nil }
}
