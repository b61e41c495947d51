import Glibc

/// A service manager's end of the socket that sd_notify(3) writes to.
final class ServiceManager {
    /// For `NOTIFY_SOCKET`.
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Failure("cannot bind \(path): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// The next thing that is told, line by line, but for signs of life.
    func next(within timeout: Duration = .seconds(60)) throws -> [String] {
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count > 0 else {
                usleep(5000)
                continue
            }
            let text = String(decoding: buffer[..<count], as: UTF8.self)
            if text != "WATCHDOG=1" { return text.lines }
            signs += 1
        }
        throw Failure("the service manager was told nothing within \(timeout)")
    }

    /// How many signs of life came so far.
    private(set) var signs = 0
}
