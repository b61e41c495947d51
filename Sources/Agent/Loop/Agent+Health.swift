import Containers
import Model

/// The agent's part in health checks.
extension Agent {
    /// Takes answers, and starts the checks that are due.
    func attendToHealth(at now: ContinuousClock.Instant) {
        for result in runner?.take() ?? [] {
            let changed = health.answered(result.name, incarnation: result.incarnation, result.answer, at: now)
            guard let changed else { continue }
            log.note(result.name, changed)
        }
        for check in health.takeDue(at: now) {
            guard let runner = healthRunner() else {
                let answer = HealthAnswer(passed: false, output: "there is no container runtime")
                _ = health.answered(check.name, incarnation: check.incarnation, answer, at: now)
                continue
            }
            runner.start(check.name, incarnation: check.incarnation, check.check)
        }
    }

    /// Made when it is first needed: an agent without checks needs none.
    private func healthRunner() -> HealthRunner? {
        if runner == nil, let runtime = try? ContainerRuntime(layout: engine.layout) {
            let watch = watch
            runner = HealthRunner(runtime: runtime) { watch.wake() }
        }
        return runner
    }

    /// A replica that waits for an update is asked by the check that it was started with: a newer one may be nothing that
    /// it knows.
    private func check(of container: Container) -> Healthcheck? {
        let name = container.metadata.name
        guard knowledge.outdated.contains(name) else { return container.healthcheck }
        return knowledge.observed(.process(name), in: .container(name)).flatMap { Healthcheck(of: $0) }
    }

    /// Says which containers have a health to ask for.
    func followHealth() {
        let now = Timestamp.now()
        let subjects = knowledge.specifications.values.compactMap { container -> HealthMonitor.Subject? in
            guard let check = check(of: container), let found = knowledge.containers[container.metadata.name],
                found.state == .running
            else { return nil }
            return HealthMonitor.Subject(
                name: found.name, incarnation: found.id.text, check: check,
                uptime: found.uptime(at: now))
        }
        health.follow(subjects, at: .now)
    }
}
