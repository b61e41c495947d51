import Drivers
import Model
import Planning
import Testing

/// One pass without a kernel: the same road as the agent's, from resources and an observation to a plan.
struct Pass {
    var resources: ResourceSet
    /// The host, less what is derived from the observation.
    var host = HostFacts()
    var exitCodes: [String: Int] = [:]
    var prunes = true
    var held: Set<ResourceID> = []
    var suspended: Set<ResourceID> = []
    /// Beyond the resources that say so themselves.
    var detectOnly = DetectOnly.none
    var lastApplied: [ObjectID: [Field]] = [:]

    func facts(_ observation: Observation) -> HostFacts { host.seeing(observation, exitCodes: exitCodes) }

    func desired(_ observation: Observation = Observation()) -> DesiredState {
        DesiredState(resources: resources, facts: facts(observation), set: "default")
    }

    func plan(_ observation: Observation = Observation()) -> Plan {
        let desired = desired(observation)
        let wrong = desired.diagnostics.filter { $0.severity == .error }.compactMap(\.resource)
        var plan = Planner.plan(
            desired: desired.objects, observation: observation,
            options: Planner.Options(
                prunes: prunes, held: held.union(wrong), suspended: suspended,
                detectOnly: detectOnly == .none ? .some(resources.detectOnly) : detectOnly, lastApplied: lastApplied,
                obstacles: desired.obstacles, departing: desired.departing(facts(observation).processes.keys),
                reasons: ProcessEnds.reasons(desired.objects) { exitCodes[$0].map { ProcessEnd(exitCode: $0) } }))
        plan.diagnostics = desired.diagnostics + plan.diagnostics
        plan.resourceCount = desired.resources.filter { $0.kind != .host }.count
        return plan
    }

    /// A host on which these resources were applied, on top of what was there.
    func applied(to observation: Observation = Observation()) -> Observation {
        var kernel = FakeKernel(observation)
        kernel.apply(plan(observation))
        return kernel.observation
    }

    /// What must hold of every plan: it can be carried out in any order that its dependencies allow, nothing is
    /// refused, and then nothing is left to do.
    func expectConvergence(from observation: Observation, _ comment: String = "") {
        let plan = plan(observation)
        Self.expectSound(plan, comment)
        for order in FakeKernel.Order.allCases {
            var kernel = FakeKernel(observation)
            kernel.apply(plan, order: order)
            #expect(kernel.refusals.isEmpty, "\(comment) \(order): \(kernel.refusals)")
            var next = self
            next.host.remember(desired(observation))
            // A job that was just started has not ended.
            next.exitCodes = exitCodes.filter {
                kernel.observation.objects[.process($0.key)]?.string(.state) == "exited"
            }
            let left = next.plan(kernel.observation)
            #expect(left.isEmpty, "\(comment) \(order): not converged\n\(PlanText(left).render())")
        }
    }

    /// Dependencies point at other changes of the plan and have no cycle.
    static func expectSound(_ plan: Plan, _ comment: String = "") {
        var waiting = plan.changes.map(\.dependsOn.count)
        var dependents = [[Int]](repeating: [], count: waiting.count)
        for (index, change) in plan.changes.enumerated() {
            for other in change.dependsOn {
                #expect(plan.changes.indices.contains(other) && other != index, "\(comment) \(change.id)")
                dependents[other].append(index)
            }
        }
        var ready = waiting.indices.filter { waiting[$0] == 0 }
        var done = 0
        while let next = ready.popLast() {
            done += 1
            for other in dependents[next] {
                waiting[other] -= 1
                if waiting[other] == 0 { ready.append(other) }
            }
        }
        #expect(done == plan.changes.count, "\(comment) has a cycle")
        #expect(Set(plan.changes.map(\.id)).count == plan.changes.count, "\(comment) names an object twice")
    }
}
