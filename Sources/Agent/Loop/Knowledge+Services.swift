import Drivers
import Model
import Planning

extension Knowledge {
    /// Leads traffic to all replicas but these from now on. Answers with the scopes in which that makes a difference.
    mutating func keepTraffic(from replicas: Set<String>) -> Set<Scope> {
        guard replicas != unready else { return [] }
        var scopes: Set<Scope> = []
        for balance in balances {
            let before = balance.objects(unready: unready)
            let after = balance.objects(unready: replicas)
            guard before != after else { continue }
            scopes.formUnion(replace(before, by: after))
        }
        scopes.formUnion(rename(replicas.symmetricDifference(unready), unready: replicas))
        setUnready(replicas)
        return scopes
    }

    /// A service's name is that of its ready replicas.
    private mutating func rename(_ replicas: Set<String>, unready: Set<String>) -> Set<Scope> {
        let names = (desired[.names] ?? []).filter { object in
            object.id.kind == .name && object.owner.map { $0.kind == .container && replicas.contains($0.name) } == true
        }
        let after = names.map { object -> KernelObject in
            guard let owner = object.owner, let service = owner.service?.name else { return object }
            var object = object
            let entry = NameZone.Entry(object).answering(to: service, !unready.contains(owner.name))
            object.fields = NameZone.fields(entry)
            return object
        }
        return replace(names, by: after)
    }

    private mutating func replace(_ before: [KernelObject], by after: [KernelObject]) -> Set<Scope> {
        var scopes: Set<Scope> = []
        let wanted = Dictionary(after.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let known = Set(before.map(\.id))
        for object in before where wanted[object.id] != object && object.id.kind != .forwarder {
            let scope = Scope(of: object)
            shift(object.id, to: wanted[object.id], in: scope)
            scopes.insert(scope)
        }
        for object in after where !known.contains(object.id) {
            let scope = Scope(of: object)
            shift(object.id, to: object, in: scope)
            scopes.insert(scope)
        }
        return scopes
    }

    /// Traffic is led as it should be, in some scopes: what differs there from now on is drift.
    mutating func settleShift(in scopes: Set<Scope>) {
        if !shifted.isEmpty { forgetShift(in: scopes) }
    }
}
