import Manifests
import Model
import Planning
import Testing

@testable import Agent
@testable import Containers

@Suite struct ReadinessRuleTests {
    private func rule(startedAt: Int64) -> ReadinessRule {
        let container = Container(
            metadata: Metadata(name: "pinger.1"), image: .registry("x"), networks: [Attachment(network: "front")])
        let found = ObservedContainer(
            id: ContainerID(new: "pinger.1"), set: "default", spec: "", image: "", state: .running, conmonAlive: true,
            exitCode: nil, startedAt: startedAt)
        return ReadinessRule(container: container, found: found, check: nil, health: nil)
    }

    @Test func whatRunsForAWhileIsReady() {
        #expect(rule(startedAt: 10_000).readiness(at: 11_999) == .pending)
        #expect(rule(startedAt: 10_000).readiness(at: 12_000) == .ready)
    }

    @Test("a clock that is set back takes nobody out of the balance") func setBack() {
        let now: Int64 = 1_800_000_000_000
        #expect(rule(startedAt: now + 1_800_000).readiness(at: now) == .ready)
    }
}
