import Containers
import LinuxHost
import Model
import Planning

/// The same road over a part of the host: what an event touched, and nothing else.
extension Engine {
    /// Reads some scopes again into what is known.
    func refresh(_ knowledge: inout Knowledge, _ scopes: Set<Scope>) async throws(Diagnostic) {
        let names = Set(scopes.compactMap { if case .container(let name) = $0 { name } else { nil } })
        let found = ContainerObservation(names.isEmpty ? [] : observer.observe(named: names), layout: layout) {
            SandboxMembership.isIn($0, process: $1)
        }
        // Where the mount of a sandbox vanished, it is found by its process.
        let living = found.current.compactMapValues { $0.state == .running ? $0.process?.pid : nil }
        var parts = try await host.observe(scopes, processes: living)
        for object in found.objects {
            parts[.container(object.id.sandbox), default: Observation()].insert(object)
        }
        knowledge.refresh(parts, containers: found.current)
    }

    /// Plans some scopes, from what is known of them. What was desired was applied before: so each difference is drift.
    func plan(_ knowledge: Knowledge, _ scopes: Set<Scope>) -> Plan {
        let desired = knowledge.desired(in: scopes)
        let applied = Dictionary(desired.map { ($0.id, $0.fields) }, uniquingKeysWith: { first, _ in first })
        var plan = Planner.plan(
            desired: desired, observation: knowledge.observed(in: scopes),
            options: Planner.Options(
                prunes: knowledge.prunes, held: knowledge.held, suspended: knowledge.suspended,
                detectOnly: knowledge.detectOnly, lastApplied: applied))
        plan.resourceCount = knowledge.resourceCount
        plan.revision = knowledge.revision
        return plan
    }

    /// One round over some scopes.
    func round(_ knowledge: Knowledge, _ scopes: Set<Scope>, _ plan: Plan) -> Round {
        var owned: Set<ResourceID> = []
        for object in knowledge.desired(in: scopes) { if let owner = object.owner { owned.insert(owner) } }
        return Round(plan: plan, owned: owned, containers: knowledge.containers(in: scopes))
    }
}
