import Glibc
import Model

/// One pass at a time per network namespace and set: an abstract unix socket, which the kernel keeps per network
/// namespace and frees with its holder (unix(7)). Whoever comes second learns the holder's pid from its credentials.
public final class PassLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; throws `locked` with the holder's pid where another process has it.
    public init(set: String) throws(Diagnostic) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw Errno().diagnostic(code: "lock-failed", "cannot take the lock", call: "socket")
        }
        guard Self.withAddress(set, { bind(descriptor, $0, $1) }) == 0 else {
            let reason = Errno()
            defer { close(descriptor) }
            guard reason.code == EADDRINUSE else {
                throw reason.diagnostic(code: "lock-failed", "cannot take the lock", call: "bind")
            }
            throw Self.locked(set, by: Self.holder(set))
        }
        listen(descriptor, 16)
        Self.answer(descriptor)
    }

    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Takes and drops connections for as long as the lock is held: whoever asks for the holder only has to connect,
    /// and would wait for ever were the queue full. The thread closes the socket.
    private static func answer(_ descriptor: Int32) {
        startThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                if connection >= 0 {
                    close(connection)
                } else if errno != EINTR && errno != ECONNABORTED {
                    break
                }
            }
            close(descriptor)
        }
    }

    /// The pid of the process that has a set's lock in this network namespace; `nil` where nobody has.
    public static func holder(_ set: String) -> Int32? {
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return nil }
        defer { close(probe) }
        guard withAddress(set, { connect(probe, $0, $1) }) == 0 else { return nil }
        var credentials = Credentials()
        var size = socklen_t(MemoryLayout<Credentials>.size)
        guard getsockopt(probe, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else { return nil }
        return credentials.pid
    }

    /// The sets whose lock a process has in this network namespace, sorted.
    public static func sets(heldBy pid: Int32) -> [String] {
        let sockets = SmallFile.read("/proc/net/unix")?.split(whereSeparator: \.isNewline) ?? []
        let sets = sockets.compactMap { line -> String? in
            guard let name = line.split(separator: " ").last, name.hasPrefix("@reconcile/") else { return nil }
            return String(name.dropFirst("@reconcile/".count))
        }
        return Set(sets).filter { holder($0) == pid }.sorted()
    }

    /// struct ucred, which glibc declares only under _GNU_SOURCE.
    private struct Credentials {
        var pid: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    private static func locked(_ set: String, by pid: Int32?) -> Diagnostic {
        let who = pid.map { pid in
            let name = SmallFile.read("/proc/\(pid)/comm").map { " (\($0))" } ?? ""
            return "process \(pid)\(name)"
        }
        return Diagnostic(
            code: "locked", "another pass over set \(set) is under way, by \(who ?? "another process")",
            hint: "wait until it ends, or stop it; an agent converges by itself whenever a manifest changes")
    }

    private static func withAddress(_ set: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = [0] + Array("reconcile/\(set)".utf8).prefix(100)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }
}
