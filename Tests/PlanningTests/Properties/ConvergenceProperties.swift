import Drivers
import Model
import Planning
import Testing

/// Whatever the manifests say and whatever was done to the host: a plan is carried out without a refusal, and then
/// nothing is left to do.
@Suite struct ConvergenceProperties {
    @Test(arguments: 0..<20) func oneRoundIsEnough(_ block: UInt64) {
        for seed in block * 20..<(block + 1) * 20 {
            var random = RandomResources(SeededGenerator(seed: seed))
            var host = random.host()
            var observation = Observation()
            var last: [ObjectID: [Field]] = [:]
            // Three sets one after the other, each on what the one before left and somebody disturbed.
            for step in 0..<3 {
                var pass = Pass(resources: random.set(), host: host)
                pass.lastApplied = last
                pass.expectConvergence(from: observation, "seed \(seed) step \(step)")
                host.remember(pass.desired(observation))
                observation = pass.applied(to: observation)
                pass.host = host
                last = Dictionary(
                    uniqueKeysWithValues: pass.desired(observation).objects.map { ($0.id, $0.fields) })
                pass.lastApplied = last
                var perturbation = Perturbation(generator: SeededGenerator(seed: seed + UInt64(step)))
                perturbation.disturb(&observation)
                pass.expectConvergence(from: observation, "seed \(seed) step \(step), disturbed")
            }
        }
    }

    @Test func foreignAndUnmarkedThingsStay() {
        for seed in 0..<200 as Range<UInt64> {
            var random = RandomResources(SeededGenerator(seed: seed))
            let pass = Pass(resources: random.set(), host: random.host())
            var observation = pass.applied()
            var perturbation = Perturbation(generator: SeededGenerator(seed: seed))
            perturbation.disturb(&observation)
            for other in [pass.resources, ResourceSet()] {
                let plan = Pass(resources: other, host: pass.host).plan(observation)
                for change in plan.changes {
                    #expect(observation.foreign[change.id] == nil, "seed \(seed): \(change.id)")
                    #expect(
                        change.action != .delete || !observation.unmarked.contains(change.id),
                        "seed \(seed): \(change.id)")
                }
            }
        }
    }

    @Test func nothingIsLeftOfNothing() {
        for seed in 0..<200 as Range<UInt64> {
            var random = RandomResources(SeededGenerator(seed: seed))
            let pass = Pass(resources: random.set(), host: random.host())
            var kernel = FakeKernel(pass.applied())
            kernel.apply(Pass(resources: ResourceSet(), host: pass.host).plan(kernel.observation))
            let left = kernel.observation.objects.keys.filter { $0.kind.isPruned }
            #expect(left.isEmpty && kernel.refusals.isEmpty, "seed \(seed): \(left) \(kernel.refusals)")
        }
    }

    @Test func inputThatIsNotPrunedDeletesNothing() {
        for seed in 0..<100 as Range<UInt64> {
            var random = RandomResources(SeededGenerator(seed: seed))
            let before = Pass(resources: random.set(), host: random.host())
            let pass = Pass(resources: random.set(), host: before.host, prunes: false)
            #expect(pass.plan(before.applied()).summary.delete == 0, "seed \(seed)")
        }
    }

    @Test func orderOfInputDoesNotMatter() {
        for seed in 0..<200 as Range<UInt64> {
            var random = RandomResources(SeededGenerator(seed: seed))
            let pass = Pass(resources: random.set(), host: random.host())
            let observation = pass.applied()
            var facts = pass.facts(observation)
            let first = DesiredState(resources: pass.resources, facts: facts, set: "default")
            facts.publishedPorts = facts.publishedPorts.mapValues { $0.reversed() }
            facts.subnets = facts.subnets.mapValues { $0.reversed() }
            let resources = ResourceSet(
                networks: pass.resources.networks.reversed(), containers: pass.resources.containers.reversed(),
                services: pass.resources.services.reversed())
            let second = DesiredState(resources: resources, facts: facts, set: "default")
            #expect(first.objects == second.objects && first.diagnostics == second.diagnostics, "seed \(seed)")
        }
    }

    @Test func parentsComeFirstAndIDsAreUnique() {
        for seed in 0..<200 as Range<UInt64> {
            var random = RandomResources(SeededGenerator(seed: seed))
            let objects = Pass(resources: random.set(), host: random.host()).desired().objects
            var seen: Set<ObjectID> = []
            for object in objects {
                for parent in object.hangsOn {
                    #expect(seen.contains(parent), "seed \(seed): \(object.id) before \(parent)")
                }
                #expect(seen.insert(object.id).inserted, "seed \(seed): \(object.id) twice")
            }
        }
    }
}
