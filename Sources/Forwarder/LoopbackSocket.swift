import Glibc
import Model

/// A socket on ::1, made here and not by NIO, so that its inode is known and errors name the call.
struct LoopbackSocket {
    let descriptor: CInt
    /// The number by which `sock_diag(7)` knows it.
    let inode: UInt32

    /// A call that failed, and the kernel's word for why.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ call: String) { description = "\(call): \(String(cString: strerror(errno)))" }
    }

    /// Bound to a port; a TCP one does not listen yet.
    init(_ key: Forward.Key) throws(Failure) {
        let type = key.transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
        descriptor = socket(AF_INET6, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure("socket") }
        do throws(Failure) {
            try Self.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY)
            // Connections of a forwarder that ended linger in TIME_WAIT. For UDP it would let two share a port.
            if key.transport == .tcp { try Self.set(descriptor, SOL_SOCKET, SO_REUSEADDR) }
            try Self.bind(descriptor, key.port)
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw Failure("fstat") }
            inode = UInt32(truncatingIfNeeded: status.st_ino)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func set(_ descriptor: CInt, _ level: CInt, _ option: CInt) throws(Failure) {
        var on: CInt = 1
        guard setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<CInt>.size)) == 0 else {
            throw Failure("setsockopt")
        }
    }

    private static func bind(_ descriptor: CInt, _ port: UInt16) throws(Failure) {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_addr = in6addr_loopback
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
        guard result == 0 else { throw Failure("bind") }
    }
}
