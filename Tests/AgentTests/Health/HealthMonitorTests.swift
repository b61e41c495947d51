import Model
import Testing

@testable import Agent

@Suite struct HealthMonitorTests {
    private let start = ContinuousClock.now

    private func subject(
        _ name: String = "web", _ incarnation: String = "web.1", uptime: Int = 0, interval: Int = 30,
        retries: Int = 2, startPeriod: Int = 0
    ) -> HealthMonitor.Subject {
        HealthMonitor.Subject(
            name: name, incarnation: incarnation,
            check: Healthcheck(
                command: ["check"], interval: .seconds(interval), retries: retries,
                startPeriod: .seconds(startPeriod)), uptime: .seconds(uptime))
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// Runs the check that is due and answers it.
    private func answer(_ monitor: inout HealthMonitor, _ passed: Bool, at time: Double) -> Health.Status? {
        let due = monitor.takeDue(at: at(time))
        #expect(due.map(\.name) == ["web"], "at \(time)")
        guard let check = due.first else { return nil }
        let answer = HealthAnswer(passed: passed, output: "")
        return monitor.answered("web", incarnation: check.incarnation, answer, at: at(time))?.status
    }

    @Test func asksEverySecondWhileItStartsThenAtItsInterval() {
        var monitor = HealthMonitor()
        monitor.follow([subject(retries: 9)], at: start)
        #expect(monitor.nextDeadline == at(1) && monitor.takeDue(at: at(0.9)).isEmpty)
        #expect(answer(&monitor, false, at: 1) == nil)
        #expect(monitor.nextDeadline == at(2))
        #expect(answer(&monitor, true, at: 2) == .healthy)
        #expect(monitor.nextDeadline == at(32))
        #expect(answer(&monitor, true, at: 32) == nil, "told only when it changes")
    }

    @Test func aShortIntervalIsKept() {
        var monitor = HealthMonitor()
        let check = Healthcheck(command: ["check"], interval: .milliseconds(200))
        let subject = HealthMonitor.Subject(name: "web", incarnation: "web.1", check: check, uptime: .zero)
        monitor.follow([subject], at: start)
        #expect(monitor.nextDeadline == at(0.2))
    }

    @Test func oneCheckOfAContainerRunsAtATime() {
        var monitor = HealthMonitor()
        monitor.follow([subject()], at: start)
        #expect(monitor.takeDue(at: at(1)).count == 1)
        #expect(monitor.takeDue(at: at(100)).isEmpty && monitor.nextDeadline == nil)
        _ = monitor.answered("web", incarnation: "web.1", HealthAnswer(passed: true, output: ""), at: at(100))
        #expect(monitor.nextDeadline == at(130), "the interval runs from the answer")
    }

    @Test func statesAreToldWhenTheyChange() {
        var monitor = HealthMonitor()
        monitor.follow([subject(interval: 1)], at: start)
        #expect(answer(&monitor, true, at: 1) == .healthy)
        #expect(answer(&monitor, false, at: 2) == nil)
        #expect(answer(&monitor, false, at: 3) == .unhealthy)
        #expect(answer(&monitor, false, at: 4) == nil)
        #expect(answer(&monitor, true, at: 5) == .healthy)
        #expect(monitor.health["web"]?.failures == 0)
    }

    @Test func theStartPeriodCountsFromTheStart() {
        var monitor = HealthMonitor()
        // An agent that comes later knows for how long the container has been up.
        monitor.follow([subject(uptime: 58, retries: 1, startPeriod: 60)], at: start)
        #expect(answer(&monitor, false, at: 1) == nil)
        #expect(answer(&monitor, false, at: 2) == .unhealthy)
    }

    @Test func aNewIncarnationStartsAnew() {
        var monitor = HealthMonitor()
        monitor.follow([subject()], at: start)
        #expect(answer(&monitor, true, at: 1) == .healthy)
        _ = monitor.takeDue(at: at(31))
        monitor.follow([subject("web", "web.2")], at: at(32))
        #expect(monitor.health["web"]?.status == .starting && monitor.nextDeadline == at(33))
        let late = HealthAnswer(passed: true, output: "")
        #expect(monitor.answered("web", incarnation: "web.1", late, at: at(32)) == nil, "of the old one")
        #expect(monitor.health["web"]?.status == .starting)
        #expect(monitor.takeDue(at: at(33)).map(\.incarnation) == ["web.2"])
    }

    @Test func whatGoesOnIsNotDisturbed() {
        var monitor = HealthMonitor()
        monitor.follow([subject()], at: start)
        #expect(answer(&monitor, true, at: 1) == .healthy)
        monitor.follow([subject(uptime: 20), subject("other", "other.1")], at: at(20))
        #expect(monitor.health["web"]?.status == .healthy)
        #expect(monitor.takeDue(at: at(21)).map(\.name) == ["other"])
        #expect(monitor.takeDue(at: at(31)).map(\.name) == ["web"])
        monitor.follow([], at: at(32))
        #expect(monitor.health.isEmpty && monitor.nextDeadline == nil)
        #expect(
            monitor.answered("web", incarnation: "web.1", HealthAnswer(passed: false, output: ""), at: at(33)) == nil)
    }

    /// Once a check that was asked for once an hour went on so until that hour was over.
    @Test func aChangedCheckCountsAtOnce() {
        var monitor = HealthMonitor()
        monitor.follow([subject(interval: 3600)], at: start)
        #expect(answer(&monitor, true, at: 1) == .healthy)
        monitor.follow([subject(uptime: 10, interval: 5)], at: at(10))
        #expect(monitor.health["web"]?.status == .healthy && monitor.nextDeadline == at(15))
        monitor.follow([subject(uptime: 12, interval: 3600)], at: at(12))
        #expect(monitor.nextDeadline == at(15), "what is due soon is not put off")
        #expect(answer(&monitor, true, at: 15) == nil)
        #expect(monitor.nextDeadline == at(3615))
    }
}
