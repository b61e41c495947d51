import Glibc
import Synchronization

/// Runs blocking work on a thread of its own, so that waiting for a helper never holds one of Swift's few pool threads.
package enum OwnThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    package static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let result = detach { continuation.resume(with: Result { try body() }) }
            if result != 0 {
                continuation.resume(
                    throwing: systemError("no thread can be made", call: "pthread_create", errno: result))
            }
        }
    }

    /// Lets a thread run by itself; answers with 0, or the error of pthread_create(3).
    @discardableResult
    static func detach(_ body: @escaping @Sendable () -> Void) -> CInt {
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        if result != 0 { work.release() }
        return result
    }
}
