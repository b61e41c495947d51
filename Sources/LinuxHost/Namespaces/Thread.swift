import Glibc

/// Runs a body on a fresh thread that nobody waits for. Threads of Swift's own pool must neither block nor change what
/// belongs to a thread.
func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let job = Unmanaged.passRetained(Job(body))
    let code = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }, job.toOpaque())
    guard code == 0 else { fatalError("cannot start a thread: errno \(code)") }
    pthread_detach(thread)
}

/// A closure as an object, to be handed through a pointer.
private final class Job: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
