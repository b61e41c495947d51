import Containers
import Drivers
import LinuxHost
import Model
import Planning

/// The same road over a part of the host: what an event touched, and nothing else.
extension Engine {
    /// Reads some scopes again into what is known.
    func refresh(_ knowledge: inout Knowledge, _ scopes: Set<Scope>) async throws(Diagnostic) {
        let names = knowledge.containerNames(in: scopes)
        let found = ContainerObservation(names.isEmpty ? [] : observer.observe(named: names), layout: layout) {
            SandboxMembership.isIn($0, process: $1)
        }
        // Where the mount of a sandbox vanished, it is found by its process.
        var living = found.current.compactMapValues { $0.state == .running ? $0.process?.pid : nil }
        for (guest, owner) in knowledge.hosts where living[owner] == nil { living[owner] = living[guest] }
        var parts = try await host.observe(scopes, processes: living)
        for object in found.objects {
            parts[Scope(of: object), default: Observation()].insert(object)
        }
        if scopes.contains(.forwarder) {
            let forwarder = ForwarderObservation(layout: layout, listening: host.loopbackSockets)
            for object in forwarder.objects { parts[.forwarder, default: Observation()].insert(object) }
            knowledge.forwarder = forwarder
        }
        if scopes.contains(.names) {
            let names = observeNames()
            parts[.names] = names.observation
            knowledge.names = names
        }
        if scopes.contains(.host) { parts[.host] = observeSettings(knowledge) }
        knowledge.refresh(parts, containers: found.current)
    }

    /// The settings of links that are not ours, and all else of the host's scope as it was seen last.
    private func observeSettings(_ knowledge: Knowledge) -> Observation {
        var sysctls: [ObjectID: KernelObject] = [:]
        var rest = Observation()
        for object in knowledge.desired(in: [.host]) where object.id.kind == .sysctl { sysctls[object.id] = object }
        for object in knowledge.observed(in: [.host]).objects.values {
            if object.id.kind == .sysctl { sysctls[object.id] = object } else { rest.insert(object) }
        }
        rest.merge(host.observe(sysctls: Array(sysctls.values)))
        return rest
    }

    /// Plans some scopes, from what is known of them. What was desired was applied before: so each difference is drift.
    func plan(_ knowledge: Knowledge, _ scopes: Set<Scope>) -> Plan {
        let desired = knowledge.desired(in: scopes)
        return plan(
            RepairTerms(knowledge), desired, knowledge.observed(in: scopes),
            reasons: ProcessEnds.reasons(desired) { knowledge.containers[$0]?.end })
    }

    /// Plans some objects of which each is what it hangs on by itself, or that stands already.
    /// `reasons` say why some of them are to be made anew.
    func plan(
        _ terms: RepairTerms, _ desired: [KernelObject], _ observation: Observation, reasons: [ObjectID: String] = [:]
    ) -> Plan {
        var applied = Dictionary(desired.map { ($0.id, $0.fields) }, uniquingKeysWith: { first, _ in first })
        for id in terms.pending.keys { applied[id] = nil }
        var plan = Planner.plan(
            desired: desired, observation: observation,
            options: Planner.Options(
                prunes: terms.prunes, held: terms.held, suspended: terms.suspended, detectOnly: terms.detectOnly,
                lastApplied: applied, isRepair: true, obstacles: terms.obstacles, reasons: reasons))
        // What changes because other replicas are ready, or since the fleet says otherwise.
        if !terms.shifted.isEmpty { plan.follow { terms.shifted[$0.id]?.why } }
        plan.resourceCount = terms.resourceCount
        plan.revision = terms.revision
        return plan
    }

    /// One round over some scopes.
    func round(_ knowledge: Knowledge, _ scopes: Set<Scope>, _ plan: Plan) -> Round {
        var owned: Set<ResourceID> = []
        for object in knowledge.desired(in: scopes) { if let owner = object.owner { owned.insert(owner) } }
        return Round(
            plan: plan, owned: owned, containers: knowledge.containers(in: scopes),
            specifications: knowledge.specifications(in: scopes))
    }
}
