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
            scopes.formUnion(replace(before, by: after, why: Engine.otherReplicas))
        }
        scopes.formUnion(rename(replicas.symmetricDifference(unready), unready: replicas))
        setUnready(replicas)
        return scopes
    }

    /// A service's name is that of its ready replicas.
    private mutating func rename(_ replicas: Set<String>, unready: Set<String>) -> Set<Scope> {
        let names = (desired[.names]?.all ?? []).filter { object in
            object.id.kind == .name && object.owner.map { $0.kind == .container && replicas.contains($0.name) } == true
        }
        let after = names.map { object -> KernelObject in
            guard let owner = object.owner, let service = owner.service?.name else { return object }
            var object = object
            let entry = NameZone.Entry(object).answering(to: service, !unready.contains(owner.name))
            object.fields = NameZone.fields(entry)
            return object
        }
        return replace(names, by: after, why: Engine.otherReplicas)
    }

    private mutating func replace(_ before: [KernelObject], by after: [KernelObject], why: String) -> Set<Scope> {
        let shifts = Self.shifts(before, after)
        for (scope, changes) in shifts { shift(changes, in: scope, why: why) }
        return Set(shifts.keys)
    }

    /// What is desired otherwise where some objects take the place of others, by scope.
    private static func shifts(
        _ before: [KernelObject], _ after: [KernelObject]
    ) -> [Scope: [ObjectID: KernelObject?]] {
        var shifts: [Scope: [ObjectID: KernelObject?]] = [:]
        let wanted = Dictionary(after.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let known = Set(before.map(\.id))
        for object in before where wanted[object.id] != object && object.id.kind != .forwarder {
            shifts[Scope(of: object), default: [:]].updateValue(wanted[object.id], forKey: object.id)
        }
        for object in after where !known.contains(object.id) {
            shifts[Scope(of: object), default: [:]].updateValue(object, forKey: object.id)
        }
        return shifts
    }

    /// Takes over what the fleet says, where nothing follows from it but what there is here for endpoints on other nodes:
    /// how they are reached, their names, and which replicas traffic is led to. Answers with what is desired otherwise, by
    /// scope; `nil`, and nothing is taken over, where all has to be derived anew.
    mutating func follow(_ fleet: FleetFacts) -> [Scope: [ObjectID: KernelObject?]]? {
        guard let before = facts.fleet, let remotes, !awaitsAddress, let changes = fleet.endpointChanges(since: before)
        else { return nil }
        var balances = balances
        let services = Set(changes.flatMap { ($0.gone + $0.new).compactMap(\.service) })
        var shifts: [Scope: [ObjectID: KernelObject?]] = [:]
        func note(_ old: [KernelObject], _ new: [KernelObject]) {
            for (scope, more) in Self.shifts(old, new) { shifts[scope, default: [:]].merge(more) { $1 } }
        }
        for index in balances.indices where services.contains(balances[index].name) {
            let old = balances[index].objects(unready: unready)
            guard balances[index].follow(fleet) else { return nil }
            note(old, balances[index].objects(unready: unready))
        }
        for change in changes {
            guard let objects = remotes.objects(of: change, before: before, after: fleet, facts) else { return nil }
            note(objects.before, objects.after)
        }
        follow(fleet, balances)
        for (scope, changes) in shifts { shift(changes, in: scope, why: "endpoints on other nodes changed") }
        return shifts
    }
}
