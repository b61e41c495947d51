import CLinux
import Glibc
import Synchronization

/// Holds a pidfd on each process whose end is of interest: it becomes readable when the process ends (pidfd_open(2)),
/// and can never mean another one.
final class ProcessWatch: Sendable {
    private let poller: Poller
    private let state = Mutex(State())

    private struct State {
        var descriptors: [Int32: Int32] = [:]
        var names: [Int32: String] = [:]
    }

    init(poller: Poller) { self.poller = poller }

    deinit { state.withLock { for descriptor in $0.descriptors.values { close(descriptor) } } }

    /// Watches exactly these processes from now on. Returns the names of those that have ended already.
    func follow(_ processes: [String: [Int32]]) -> Set<String> {
        state.withLock { state in
            var ended: Set<String> = []
            var wanted: [Int32: String] = [:]
            for (name, pids) in processes { for pid in pids { wanted[pid] = name } }
            for (pid, descriptor) in state.descriptors where wanted[pid] != state.names[descriptor] {
                close(descriptor)
                state.descriptors[pid] = nil
                state.names[descriptor] = nil
            }
            for (pid, name) in wanted where state.descriptors[pid] == nil {
                let descriptor = pidfd_open(pid, 0)
                guard descriptor >= 0 else {
                    if errno == ESRCH { ended.insert(name) }
                    continue
                }
                state.descriptors[pid] = descriptor
                state.names[descriptor] = name
                try? poller.add(descriptor, .readableOnce)
            }
            return ended
        }
    }

    /// The name that a descriptor is followed under.
    func name(of descriptor: Int32) -> String? { state.withLock { $0.names[descriptor] } }
}
