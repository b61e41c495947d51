import Glibc

/// Tells the service manager how the agent is: the datagrams of sd_notify(3), without libsystemd.
public struct ServiceNotification: Sendable {
    /// As `NOTIFY_SOCKET` has it: a path, or a name in the abstract namespace behind `@`.
    private let socket: String
    /// How often ``alive()`` is expected, at least; `nil`: not at all. Half of what makes the manager impatient, as
    /// sd_watchdog_enabled(3) recommends.
    public let watchdogInterval: Duration?

    /// Notifies a socket.
    public init(socket: String, watchdogInterval: Duration? = nil) {
        self.socket = socket
        self.watchdogInterval = watchdogInterval
    }

    /// What the environment says; `nil` where nobody wants to be told. The variables are removed, so that no helper
    /// takes them for its own: conmon, crun and runc would, and wait for the container to report. To be called before
    /// other threads are.
    public static func takeFromEnvironment() -> ServiceNotification? { ServiceNotification(pid: getpid(), take: take) }

    /// What the variables say to a process. All of them are taken, whatever the first one says.
    init?(pid: Int32, take: (String) -> String?) {
        let socket = take("NOTIFY_SOCKET")
        let microseconds = take("WATCHDOG_USEC").flatMap { Int64($0) }
        let process = take("WATCHDOG_PID").flatMap { Int32($0) }
        guard let socket, socket.hasPrefix("/") || socket.hasPrefix("@"), socket.utf8.count > 1 else { return nil }
        let isOurs = process == nil || process == pid
        let interval = microseconds.flatMap { isOurs && $0 > 0 ? Duration.microseconds($0 / 2) : nil }
        self.init(socket: socket, watchdogInterval: interval)
    }

    private static func take(_ name: String) -> String? {
        defer { unsetenv(name) }
        return getenv(name).map { String(cString: $0) }
    }

    /// It is started, or done with reloading.
    @discardableResult
    public func ready(_ status: String) -> Bool { send(["READY=1", "STATUS=\(Self.line(status))"]) }

    /// It reads its configuration anew; ``ready(_:)`` says when that is done.
    @discardableResult
    public func reloading() -> Bool {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return send(["RELOADING=1", "MONOTONIC_USEC=\(Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)"])
    }

    /// It is about to end.
    @discardableResult
    public func stopping() -> Bool { send(["STOPPING=1"]) }

    /// One line on how it is, for `systemctl status`.
    @discardableResult
    public func status(_ text: String) -> Bool { send(["STATUS=\(Self.line(text))"]) }

    /// It still works; see ``watchdogInterval``.
    @discardableResult
    public func alive() -> Bool { send(["WATCHDOG=1"]) }

    /// A line break would begin another variable.
    private static func line(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }

    /// False where nobody took it, which is no reason to stop: the manager finds out by itself.
    private func send(_ variables: [String]) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(socket.utf8)
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // An abstract name is all its bytes and no more; a path ends with a NUL (unix(7)).
        let isAbstract = name[0] == 0
        let length = MemoryLayout<sa_family_t>.size + name.count + (isAbstract ? 0 : 1)
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let text = Array(variables.joined(separator: "\n").utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length))
            }
        }
        return sent == text.count
    }
}
