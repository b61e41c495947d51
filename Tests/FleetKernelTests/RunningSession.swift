import Model

@testable import Fleet

/// A node's session that runs until the test is over.
final class RunningSession: Sendable {
    let session: FleetSession
    private let task: Task<Void, Never>

    init(
        _ directory: FleetDirectory, lease: Int? = 15, certificateInterval: Duration = .milliseconds(200)
    ) throws {
        let session = try FleetSession(
            FleetSettings(directory: directory, leaseSeconds: lease, certificateInterval: certificateInterval))
        self.session = session
        task = Task { await session.run() }
    }

    deinit { task.cancel() }

    var view: FleetView { session.view }

    /// Ends it as a killed agent ends: without a word.
    func stop() async {
        task.cancel()
        await task.value
    }

    func awaitConnection(within timeout: Duration = .seconds(40)) async throws {
        do { try await eventually("connected", within: timeout) { view.connection == .connected } } catch {
            throw Failure("\(error): \(view.connection), \(view.problem?.description ?? "no problem")")
        }
    }

    func awaitProblem(_ code: String, within timeout: Duration = .seconds(40)) async throws {
        do { try await eventually(code, within: timeout) { view.problem?.code == code } } catch {
            throw Failure("\(error): \(view.connection), \(view.problem?.description ?? "no problem")")
        }
    }
}
