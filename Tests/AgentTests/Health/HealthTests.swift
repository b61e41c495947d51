import Model
import Testing

@testable import Agent

@Suite struct HealthTests {
    private func health(
        _ answers: [(passed: Bool, uptime: Int)], retries: Int = 3, startPeriod: Int = 0
    ) -> [Health.Status] {
        let check = Healthcheck(command: ["true"], retries: retries, startPeriod: .seconds(startPeriod))
        var health = Health()
        return answers.map { answer in
            health.record(
                HealthAnswer(passed: answer.passed, output: ""), of: check, uptime: .seconds(answer.uptime))
            return health.status
        }
    }

    @Test func oneSuccessIsEnough() {
        #expect(health([(true, 1)]) == [.healthy])
        #expect(health([(false, 1), (true, 2)]) == [.starting, .healthy])
    }

    @Test func failuresInARowMakeItUnhealthy() {
        #expect(health([(false, 1), (false, 2), (false, 3)]) == [.starting, .starting, .unhealthy])
        #expect(health([(false, 1)], retries: 1) == [.unhealthy])
        let broken = health([(true, 1), (false, 2), (false, 3), (true, 4), (false, 5), (false, 6), (false, 7)])
        #expect(broken == [.healthy, .healthy, .healthy, .healthy, .healthy, .healthy, .unhealthy])
        #expect(health([(false, 1), (false, 2), (true, 3)], retries: 2) == [.starting, .unhealthy, .healthy])
    }

    @Test func failuresInTheStartPeriodDoNotCount() {
        let statuses = health([(false, 1), (false, 5), (false, 9), (false, 10)], retries: 1, startPeriod: 10)
        #expect(statuses == [.starting, .starting, .starting, .unhealthy])
    }

    @Test func aSuccessEndsTheStartPeriod() {
        #expect(health([(true, 1), (false, 2)], retries: 1, startPeriod: 10) == [.healthy, .unhealthy])
    }

    @Test func keepsTheLastOutputAndCountsFailures() {
        var health = Health()
        let check = Healthcheck(command: ["true"])
        for text in ["one", "two"] {
            health.record(HealthAnswer(passed: false, output: text), of: check, uptime: .seconds(1))
        }
        #expect(health == Health(status: .starting, failures: 2, output: "two"))
        health.record(HealthAnswer(passed: true, output: "fine"), of: check, uptime: .seconds(2))
        #expect(health == Health(status: .healthy, failures: 0, output: "fine"))
    }
}
