import Drivers
import Model
import Planning
import Testing

/// Planning scope by scope comes to the same as planning the whole: so an agent may look at a part of the host.
@Suite struct ScopeProperties {
    /// What of a change must not depend on how much was looked at.
    private struct Essence: Hashable, CustomStringConvertible {
        let id: ObjectID
        let action: Change.Action
        let fields: [Change.FieldChange]

        init(_ change: Change) { (id, action, fields) = (change.id, change.action, change.fields) }

        var description: String { "\(action) \(id) \(fields.map(\.name))" }
    }

    /// A converged host of random manifests that somebody disturbed, and what should be on it.
    private struct Case {
        let desired: DesiredState
        let observation: Observation
        let prunes: Bool
        let lastApplied: [ObjectID: [Field]]

        init(seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            var random = RandomResources(generator)
            let pass = Pass(resources: random.set(), host: random.host())
            var observation = pass.applied()
            desired = pass.desired(observation)
            var perturbation = Perturbation(generator: generator)
            perturbation.disturb(&observation)
            self.observation = observation
            prunes = !generator.isOne(in: 4)
            lastApplied = Dictionary(uniqueKeysWithValues: desired.objects.map { ($0.id, $0.fields) })
        }

        var wrong: Set<ResourceID> { errors(desired.diagnostics) }

        func errors(_ diagnostics: [Diagnostic]) -> Set<ResourceID> {
            Set(diagnostics.filter { $0.severity == .error }.compactMap(\.resource))
        }

        func plan(_ objects: [KernelObject], _ part: Observation, held: Set<ResourceID>) -> Plan {
            Planner.plan(
                desired: objects, observation: part,
                options: Planner.Options(
                    prunes: prunes, held: held, lastApplied: lastApplied, obstacles: desired.obstacles))
        }

        /// The plans of all scopes, one after the other.
        func scoped(held: Set<ResourceID>) -> [Plan] {
            let parts = observation.byScope()
            let wanted = Dictionary(grouping: desired.objects) { Scope(of: $0) }
            return Set(parts.keys).union(wanted.keys).map { scope in
                plan(wanted[scope] ?? [], parts[scope] ?? Observation(), held: held)
            }
        }
    }

    private func essence(_ changes: [Change]) -> [Essence] {
        changes.filter { $0.id.kind != .image }.map(Essence.init)
    }

    @Test(arguments: 0..<20) func theScopesPlansAreTheWholePlan(_ block: UInt64) {
        var changes = 0
        for seed in block * 20..<(block + 1) * 20 {
            let host = Case(seed: seed)
            let whole = host.plan(host.desired.objects, host.observation, held: host.wrong)
            let held = host.wrong.union(host.errors(whole.diagnostics))
            let parts = host.scoped(held: held).flatMap(\.changes)
            // An image is shared by those who need it, whatever their scopes: only a look at everything reads images.
            let (left, right) = (essence(whole.changes), essence(parts))
            #expect(Set(left) == Set(right), "seed \(seed): \(Set(left).symmetricDifference(right))")
            #expect(left.count == right.count, "seed \(seed)")
            changes += left.count
        }
        #expect(changes > 0, "nothing was compared")
    }

    /// A repair of one scope waits for nothing that lies in another: each can be carried out by itself.
    @Test func scopesConvergeOneByOne() {
        for seed in 0..<100 as Range<UInt64> {
            let host = Case(seed: seed)
            let held = host.wrong.union(
                host.errors(host.plan(host.desired.objects, host.observation, held: host.wrong).diagnostics))
            for plan in host.scoped(held: held) { Pass.expectSound(plan, "seed \(seed)") }
        }
    }
}
