import Containers
import Model
import Synchronization

/// Runs health checks inside their containers, beside everything else, and keeps the answers until they are fetched.
final class HealthRunner: Sendable {
    struct Result: Sendable {
        let name: String
        let incarnation: String
        let answer: HealthAnswer
    }

    private let runtime: ContainerRuntime
    private let answered: @Sendable () -> Void
    private let results = Mutex<[Result]>([])

    /// A runner that calls `answered` whenever there is an answer.
    init(runtime: ContainerRuntime, answered: @escaping @Sendable () -> Void) {
        self.runtime = runtime
        self.answered = answered
    }

    /// Starts a check.
    func start(_ name: String, incarnation: String, _ check: Healthcheck) {
        guard let id = ContainerID(incarnation) else { return }
        Task.detached { [self] in
            let answer: HealthAnswer
            do {
                let result = try await runtime.execCaptured(id, command: check.command, timeout: check.timeout)
                let late = result.timedOut ? "no answer within \(check.timeout)\n" : ""
                answer = HealthAnswer(
                    passed: result.code == 0 && !result.timedOut,
                    output: String((late + result.output).prefix(Health.outputLimit)))
            } catch {
                answer = HealthAnswer(passed: false, output: "\(error)")
            }
            results.withLock { $0.append(Result(name: name, incarnation: incarnation, answer: answer)) }
            answered()
        }
    }

    /// The answers since the last call.
    func take() -> [Result] {
        results.withLock { results in
            defer { results = [] }
            return results
        }
    }
}
