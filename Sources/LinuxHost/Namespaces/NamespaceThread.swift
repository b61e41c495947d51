import CLinux
import Glibc
import Synchronization

/// Runs synchronous work on a thread of its own that may enter other network namespaces.
///
/// A thread that has called setns(2) must never resume a Swift task: threads that it spawns inherit its namespace, and
/// the runtime may start pool threads from it. So such work gets a fresh pthread, which goes home before it reports
/// back; where it cannot go home, the process ends, because everything after would happen in the wrong place.
public enum NamespaceThread {
    /// What a body on such a thread can do.
    public struct Scope: ~Copyable {
        private let home: Int32

        fileprivate init() {
            home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
            guard home >= 0 else { fatalError("cannot open this thread's network namespace: errno \(errno)") }
        }

        /// Enters the namespace of an open file; throws errno (EINVAL: it is no namespace).
        public func enter(_ descriptor: Int32) throws(Errno) {
            guard setns(descriptor, RECONCILE_CLONE_NEWNET) == 0 else { throw Errno() }
        }

        /// Enters a namespace that did not exist before; throws errno.
        public func enterNew() throws(Errno) {
            guard unshare(RECONCILE_CLONE_NEWNET) == 0 else { throw Errno() }
        }

        deinit {
            guard setns(home, RECONCILE_CLONE_NEWNET) == 0 else {
                fatalError("cannot return to the home network namespace: errno \(errno)")
            }
            close(home)
        }
    }

    /// Runs `body` on a fresh thread and suspends until it is done.
    public static func run<Value: Sendable>(_ body: @escaping @Sendable (borrowing Scope) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            startThread {
                let value: Value
                do {
                    let scope = Scope()
                    value = body(scope)
                    // The scope ends here, and with it the stay abroad.
                }
                continuation.resume(returning: value)
            }
        }
    }
}
