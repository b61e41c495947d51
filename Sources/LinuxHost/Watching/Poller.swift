import CLinux
import Glibc
import Model
import Synchronization

/// One thread in epoll_wait(2), with a timer and a way to end it.
final class Poller: Sendable {
    /// When a descriptor is reported.
    enum Interest {
        /// As long as it is readable: for those that the poller's user empties at once.
        case readable
        /// Once each time it becomes readable.
        case readableAnew
        /// Once only.
        case readableOnce

        var events: UInt32 {
            switch self {
            case .readable: EPOLLIN.rawValue
            case .readableAnew: EPOLLIN.rawValue | EPOLLET.rawValue
            case .readableOnce: EPOLLIN.rawValue | EPOLLONESHOT.rawValue
            }
        }
    }

    private let epoll: Int32
    private let end: Int32
    /// The timer's descriptor (timerfd_create(2)).
    let timer: Int32
    /// The table of mounts, which reports each change of it (proc_pid_mountinfo(5)); -1 where there is none.
    let mounts: Int32

    init() throws(Diagnostic) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        end = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK))
        mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        guard epoll >= 0, end >= 0, timer >= 0 else {
            throw Errno().diagnostic(code: "watch-failed", "the kernel cannot be watched", call: "epoll_create1")
        }
        try add(end, .readable)
        try add(timer, .readableAnew)
    }

    deinit { for descriptor in [epoll, end, timer, mounts] where descriptor >= 0 { close(descriptor) } }

    /// Adds a descriptor, which stays the caller's; closing it takes it away again.
    func add(_ descriptor: Int32, _ interest: Interest) throws(Diagnostic) {
        try add(descriptor, events: interest.events)
    }

    /// Adds the table of mounts: a change of it is told as an urgent condition.
    func addMounts() throws(Diagnostic) {
        guard mounts >= 0 else { return }
        try add(mounts, events: EPOLLPRI.rawValue | EPOLLET.rawValue)
    }

    private func add(_ descriptor: Int32, events: UInt32) throws(Diagnostic) {
        var event = epoll_event()
        event.events = events
        event.data.fd = descriptor
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 || errno == EEXIST else {
            throw Errno().diagnostic(code: "watch-failed", "the kernel cannot be watched", call: "epoll_ctl")
        }
    }

    /// Lets the timer run out at a point in time, at once where it has passed, or never.
    func arm(_ time: ContinuousClock.Instant?) {
        var setting = itimerspec()
        if let time {
            let (seconds, attoseconds) = max(ContinuousClock.now.duration(to: time), .zero).components
            setting.it_value.tv_sec = Int(seconds)
            // All zero would disarm it.
            setting.it_value.tv_nsec = Int(attoseconds / 1_000_000_000) | 1
        }
        timerfd_settime(timer, 0, &setting, nil)
    }

    /// Starts the thread. `hear` is called on it with the descriptors that have something.
    func start(_ hear: @escaping @Sendable ([Int32]) -> Void) {
        let epoll = epoll
        let end = end
        let timer = timer
        // The thread keeps the poller, and with it the descriptors that it waits on.
        let keeper = self
        startThread {
            var events = [epoll_event](repeating: epoll_event(), count: 64)
            while true {
                let count = epoll_wait(epoll, &events, Int32(events.count), -1)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                let ready = events[..<Int(count)].map(\.data.fd)
                if ready.contains(end) { break }
                if ready.contains(timer) {
                    var expirations: UInt64 = 0
                    _ = read(timer, &expirations, 8)
                }
                hear(ready)
            }
            withExtendedLifetime(keeper) {}
        }
    }

    /// Ends the thread.
    func stop() {
        var one: UInt64 = 1
        _ = write(end, &one, 8)
    }
}
