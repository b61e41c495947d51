import Glibc
import Model
import NIOCore
import Testing

@testable import Forwarder

@Suite struct DatagramTests {
    /// Answers each datagram to where it came from, until told to end; counts the senders.
    private final class Echo: Sendable {
        let key: Forward.Key
        private let peer: Peer

        init(family: IPAddress.Family = .ipv4) throws { (peer, key) = try Peer.server(SOCK_DGRAM, family: family) }

        /// Whether a datagram comes within milliseconds.
        func isAsked(within time: CInt) -> Bool { peer.isReadable(within: time) }

        /// Answers one datagram with `prefix` before it, and gives the sender's port.
        func answer(_ prefix: String) throws -> UInt16 {
            var buffer = [UInt8](repeating: 0, count: 65536)
            var sender = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &sender) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(peer.descriptor, &buffer, buffer.count, 0, $0, &size)
                }
            }
            try #require(count >= 0, "no datagram came")
            let text = Array(prefix.utf8) + buffer[..<count]
            withUnsafePointer(to: &sender) {
                _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(peer.descriptor, text, text.count, 0, $0, size)
                }
            }
            return withUnsafeBytes(of: sender) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
        }
    }

    @Test(arguments: IPAddress.Family.allCases) func answersFindTheirClients(_ family: IPAddress.Family) async throws {
        try await withForwarder { forwarder in
            let echo = try Echo(family: family)
            let key = try await forwarder.serve([echo.key], family: family)[0]
            let clients = try (0..<20).map { _ in try Peer.client(key) }
            var senders: Set<UInt16> = []
            for (number, client) in clients.enumerated() {
                try client.write("\(number)")
                senders.insert(try echo.answer("> "))
            }
            for (number, client) in clients.enumerated() { #expect(client.read() == "> \(number)") }
            #expect(senders.count == 20, "each client has a flow of its own")
            try clients[3].write("again")
            #expect(senders.contains(try echo.answer("")), "a flow goes on")
            #expect(clients[3].read() == "again")
        }
    }

    @Test func theLargestDatagramPasses() async throws {
        try await withForwarder { forwarder in
            let echo = try Echo()
            let key = try await forwarder.serve([echo.key])[0]
            let client = try Peer.client(key)
            let text = String(repeating: "x", count: 65507)
            try client.write(text)
            _ = try echo.answer("")
            #expect(client.read() == text)
        }
    }

    @Test func idleFlowsEnd() async throws {
        try await withForwarder(idle: 2) { forwarder in
            let echo = try Echo(family: .ipv6)
            let key = try await forwarder.serve([echo.key], family: .ipv6)[0]
            let client = try Peer.client(key)
            // Asked again until the answer is there: a flow may end before that where a thread stalls for so long.
            func ask(_ word: String) throws -> UInt16? {
                for attempt in 0..<20 {
                    let text = "\(word) \(attempt)"
                    try client.write(text)
                    while echo.isAsked(within: 1000) {
                        let port = try echo.answer("")
                        while client.isReadable(within: 1000) {
                            if client.read() == text { return port }
                        }
                    }
                }
                return nil
            }
            let first = try #require(try ask("one"))
            // The socket that it was sent by is closed.
            let isGone = eventually {
                guard let socket = try? LoopbackSocket(Forward.Key(first, .udp)) else { return false }
                return close(socket.descriptor) == 0
            }
            #expect(isGone)
            let second = try #require(try ask("two"))
            #expect(second != first)
        }
    }

    /// The kernel tells of a closed port by an error on the socket: the flow outlives it.
    @Test func aServerMayComeLater() async throws {
        try await withForwarder { forwarder in
            let late = try Forwarder.freePort(.udp)
            let key = try await forwarder.serve([late], family: .ipv6)[0]
            let client = try Peer.client(key)
            try client.write("lost")
            usleep(50_000)
            try client.write("lost too")
            usleep(50_000)
            let server = try LoopbackSocket(late)
            defer { close(server.descriptor) }
            var buffer = [UInt8](repeating: 0, count: 16)
            var entry = pollfd(fd: server.descriptor, events: Int16(POLLIN), revents: 0)
            // What was lost may still be on its way, and the error that it leaves takes the place of the next word.
            var word = ""
            for _ in 0..<100 where word != "found" {
                try client.write("found")
                guard poll(&entry, 1, 300) == 1 else { continue }
                let count = recv(server.descriptor, &buffer, 16, 0)
                word = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
            }
            #expect(word == "found")
        }
    }

    @Test func aNewTargetBeginsNewFlows() async throws {
        try await withForwarder { forwarder in
            let (old, new) = (try Echo(), try Echo())
            let key = try await forwarder.serve([old.key])[0]
            let client = try Peer.client(key)
            try client.write("1")
            _ = try old.answer("old ")
            #expect(client.read() == "old 1")
            _ = try await forwarder.load(.leading([(key, new.key.port)])).get()
            try client.write("2")
            _ = try new.answer("new ")
            #expect(client.read() == "new 2")
        }
    }
}
