import LinuxHost
import Planning

extension Knowledge {
    /// The scope that a place is in.
    func scope(of place: NoticePlace) -> Scope {
        switch place {
        case .container(let name): .container(hosts[name] ?? name)
        case .link(let name): linkScopes[name] ?? .link(name)
        case .host: .host
        }
    }

    /// The scopes beyond some of the bridges that a plan makes links ports of. A bridge that is gone is told of by its
    /// ports first: so it is looked at with them.
    func bridges(of plan: Plan, beyond scopes: Set<Scope>) -> Set<Scope> {
        var bridges: Set<Scope> = []
        for change in plan.changes
        where change.action != .update || change.fields.contains(where: { $0.name == .master }) {
            guard let name = change.after?.string(.master), !name.isEmpty else { continue }
            bridges.insert(scope(of: .link(name)))
        }
        return bridges.subtracting(scopes)
    }
}
