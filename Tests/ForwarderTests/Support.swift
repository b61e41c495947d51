import Glibc
import Model
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Forwarder

/// A plain blocking socket: what is tested is NIO, so it is not what tests.
final class Peer: @unchecked Sendable {
    let descriptor: CInt

    private init(_ descriptor: CInt) {
        self.descriptor = descriptor
        // A test that hangs is a failure.
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            var time = timeval(tv_sec: 30, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit { close() }

    private var isClosed = false

    func close() {
        if !isClosed { Glibc.close(descriptor) }
        isClosed = true
    }

    /// Listens on the loopback address of a family, on a port that the kernel chooses where it is 0; answers with it.
    static func server(
        _ type: __socket_type = SOCK_STREAM, family: IPAddress.Family = .ipv4, port: UInt16 = 0
    ) throws -> (Peer, Forward.Key) {
        let address = SocketAddress.loopback(family, port)
        let peer = Peer(open(family, type))
        try #require(address.withSockAddr { bind(peer.descriptor, $0, socklen_t($1)) } == 0)
        if type == SOCK_STREAM { try #require(listen(peer.descriptor, 128) == 0) }
        var bound = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &bound) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(peer.descriptor, $0, &size) }
        }
        // Port and family lie at the same place in both kinds of addresses.
        let port = withUnsafeBytes(of: bound) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
        return (peer, Forward.Key(port, type == SOCK_STREAM ? .tcp : .udp))
    }

    /// Programs that other tests start meanwhile must not have it: they would hold its port after it is closed here.
    private static func open(_ family: IPAddress.Family, _ type: __socket_type) -> CInt {
        socket(family == .ipv4 ? AF_INET : AF_INET6, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    func accept() throws -> Peer {
        let number = Glibc.accept(descriptor, nil, nil)
        try #require(number >= 0, "nobody connects: \(String(cString: strerror(errno)))")
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        return Peer(number)
    }

    /// Connects to a port of ::1.
    static func client(_ key: Forward.Key) throws -> Peer {
        let type = key.transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
        let peer = Peer(open(.ipv6, type))
        let address = SocketAddress.loopback(.ipv6, key.port)
        let result = address.withSockAddr { connect(peer.descriptor, $0, socklen_t($1)) }
        guard result == 0 else { throw IOError(errnoCode: errno, reason: "connect") }
        return peer
    }

    func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        try #require(send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }

    /// What comes next: "" at the end, `nil` where the connection was reset or nothing came in time.
    func read(_ size: Int = 65536) -> String? {
        var buffer = [UInt8](repeating: 0, count: size)
        let count = recv(descriptor, &buffer, size, 0)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Whether there is something to read within milliseconds.
    func isReadable(within time: CInt) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, time) == 1
    }

    /// The number of bytes until the end; `nil` where it ends by a reset.
    func count() -> Int? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        var total = 0
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { return count == 0 ? total : nil }
            total += count
        }
    }

    func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }
}

extension SocketAddress {
    static func loopback(_ family: IPAddress.Family, _ port: UInt16) -> SocketAddress {
        guard let address = try? SocketAddress(ipAddress: family == .ipv4 ? "127.0.0.1" : "::1", port: Int(port)) else {
            preconditionFailure("a loopback address is one")
        }
        return address
    }
}

/// A forwarder for as long as `body` takes.
func withForwarder(idle: Double = 90, _ body: (Forwarder) async throws -> Void) async throws {
    let forwarder = Forwarder(idle: idle)
    do {
        try await body(forwarder)
    } catch {
        try await forwarder.shutDown()
        throw error
    }
    try await forwarder.shutDown()
}

extension Forwarder {
    /// Loads forwards, each from a port of ::1 to a server; the ports are free ones. Answers with their keys.
    func serve(_ servers: [Forward.Key], family: IPAddress.Family = .ipv4) async throws -> [Forward.Key] {
        let keys = try servers.map { try Self.freePort($0.transport) }
        _ = try await open(keys, .leading(zip(keys, servers).map { ($0, $1.port) }, family))
        return keys
    }

    /// Loads a table until the ports that it names are open: what closed them may live on for a moment, in a process that
    /// another test has forked and that has not begun its program yet.
    func open(_ keys: [Forward.Key], _ table: ForwardTable) async throws -> ForwardTable {
        for _ in 0..<1500 {
            let loaded = try await load(table).get()
            let isOpen = keys.allSatisfy {
                if case .socket = loaded.outcomes[$0] { true } else { false }
            }
            if isOpen { return loaded }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw IOError(errnoCode: EADDRINUSE, reason: "\(keys)")
    }

    /// A port that nobody has, that no other test is given, and that the kernel gives to nobody who lets it choose: what
    /// it chooses is 32768 and above (`net.ipv4.ip_local_port_range`), and tests beside this one open and close many.
    static func freePort(_ transport: TransportProtocol) throws -> Forward.Key {
        for _ in 0..<1000 {
            let port = ports.withLock { next in
                next = next == 32767 ? 20000 : next + 1
                return next
            }
            let key = Forward.Key(port, transport)
            if let socket = try? LoopbackSocket(key) {
                Glibc.close(socket.descriptor)
                return key
            }
        }
        throw IOError(errnoCode: EADDRINUSE, reason: "every port that was tried")
    }

    /// Another process that runs these tests begins elsewhere.
    private static let ports = Mutex(UInt16(20000 + Int(getpid()) % 12000))
}

extension ForwardTable {
    static func leading(_ ports: [(Forward.Key, UInt16)], _ family: IPAddress.Family = .ipv4) -> ForwardTable {
        let address = family == .ipv4 ? IPAddress(v4: 0x7f00_0001) : IPAddress(family: .ipv6, bits: 1)
        return ForwardTable(
            forwards: ports.map { Forward($0, to: address, port: $1, owner: .container("web")) })
    }
}
