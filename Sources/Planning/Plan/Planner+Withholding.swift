import Model

/// What is told and not done: differences of resources that are suspended, drift that is only reported, and what others
/// that are left alone stand on.
extension Planner {
    /// What is to be left alone in view of a plan; the same as before where nothing more is.
    func findMore(_ plan: Plan) -> LeftAlone {
        var more = left
        if !options.detectOnly.isEmpty {
            more.reported.formUnion(
                plan.changes.lazy.filter { $0.cause.kind == .drift && options.detectOnly.contains($0.resource) }
                    .map(\.id))
        }
        guard !footing.isEmpty else { return more }
        let named = Set(desired.lazy.compactMap(\.owner))
        for change in plan.changes where change.action == .delete || change.action == .replace {
            // What networks share on the host goes with the last of them.
            let isShared = change.resource.kind == .host && !named.contains(change.resource)
            guard let user = footing[change.id] ?? (isShared ? footing.values.min() : nil), user != change.resource,
                more.used[change.resource] == nil
            else { continue }
            more.used[change.resource] = LeftAlone.Use(
                user: user, object: change.id, isNamed: named.contains(change.resource))
        }
        return more
    }

    /// True where the differences of an object that is left alone are told. Of what is blocked, the diagnostic tells.
    func isTold(_ object: KernelObject) -> Bool {
        guard let owner = object.owner else { return false }
        return left.reported.contains(object.id) || options.suspended.contains(owner) || left.used[owner] != nil
    }

    mutating func withhold(_ change: Change) {
        var change = change
        change.isWithheld = true
        withheld[change.id] = change
    }

    /// Finds what observed objects that are left alone stand on: links and namespaces of others, the firewall's table.
    mutating func findFooting() {
        var open: [(object: KernelObject, user: ResourceID)] = []
        for object in observation.objects.values
        where isLeftAlone(object) && observation.isOurs(object.id) {
            if let owner = object.owner { open.append((object, owner)) }
        }
        while let (object, user) = open.popLast() {
            let master = object.string(.master).flatMap { $0.isEmpty ? nil : ObjectID.link($0) }
            for id in object.hangsOn + [master].compactMap({ $0 }) where footing[id].map({ user < $0 }) ?? true {
                footing[id] = user
                if let below = observation.objects[id] { open.append((below, user)) }
            }
        }
    }
}
