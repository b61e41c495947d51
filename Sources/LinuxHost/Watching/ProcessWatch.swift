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
        var containers: [Int32: String] = [:]
    }

    init(poller: Poller) { self.poller = poller }

    deinit { state.withLock { for descriptor in $0.descriptors.values { close(descriptor) } } }

    /// Watches exactly these processes from now on. Returns the containers of those that have ended already.
    func follow(_ processes: [String: [Int32]]) -> Set<String> {
        state.withLock { state in
            var ended: Set<String> = []
            var wanted: [Int32: String] = [:]
            for (container, pids) in processes { for pid in pids { wanted[pid] = container } }
            for (pid, descriptor) in state.descriptors where wanted[pid] != state.containers[descriptor] {
                close(descriptor)
                state.descriptors[pid] = nil
                state.containers[descriptor] = nil
            }
            for (pid, container) in wanted where state.descriptors[pid] == nil {
                let descriptor = pidfd_open(pid, 0)
                guard descriptor >= 0 else {
                    if errno == ESRCH { ended.insert(container) }
                    continue
                }
                state.descriptors[pid] = descriptor
                state.containers[descriptor] = container
                try? poller.add(descriptor, .readableOnce)
            }
            return ended
        }
    }

    /// The container that a descriptor is about.
    func container(of descriptor: Int32) -> String? { state.withLock { $0.containers[descriptor] } }
}
