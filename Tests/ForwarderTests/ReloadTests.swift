import Glibc
import Model
import NIOCore
import NIOPosix
import Testing

@testable import Forwarder

@Suite struct ReloadTests {
    @Test func otherPortsComeAndGoWithoutAWord() async throws {
        try await withForwarder { forwarder in
            let (server, port) = try Peer.server()
            let (others, other) = try Peer.server()
            let key = try await forwarder.serve([port])[0]
            let client = try Peer.client(key)
            let behind = try server.accept()
            let added = try Forwarder.freePort(.tcp)
            let both = try await forwarder.open([added], .leading([(key, port.port), (added, other.port)]))
            #expect(both.outcomes.count == 2)
            let second = try Peer.client(added)
            try second.write("second")
            #expect(try others.accept().read() == "second")
            let one = try await forwarder.load(.leading([(key, port.port)])).get()
            #expect(one.outcomes == both.outcomes.filter { $0.key == key }, "the socket is the same one")
            let isClosed = eventually { (try? Peer.client(added)) == nil }
            #expect(isClosed)
            try client.write("still here")
            #expect(behind.read() == "still here")
        }
    }

    @Test func aPortThatMovesKeepsItsConnections() async throws {
        try await withForwarder { forwarder in
            let (old, oldPort) = try Peer.server()
            let (new, newPort) = try Peer.server()
            let key = try await forwarder.serve([oldPort])[0]
            let client = try Peer.client(key)
            let behind = try old.accept()
            _ = try await forwarder.load(.leading([(key, newPort.port)])).get()
            try Peer.client(key).write("new")
            #expect(try new.accept().read() == "new")
            try client.write("old")
            #expect(behind.read() == "old")
        }
    }

    @Test(arguments: [TransportProtocol.tcp, .udp]) func aPortThatIsTakenIsToldByName(
        _ transport: TransportProtocol
    ) async throws {
        try await withForwarder { forwarder in
            let taken = try Forwarder.freePort(transport)
            let type = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
            let (holder, _) = try Peer.server(type, family: .ipv6, port: taken.port)
            let free = try Forwarder.freePort(transport)
            let wanted = ForwardTable.leading([(taken, 1), (free, 1)])
            let table = try await forwarder.open([free], wanted)
            #expect(table.outcomes[taken] == .failed("bind: Address already in use"))
            holder.close()
            let again = try await forwarder.open([taken], wanted)
            #expect(again.outcomes[free] == table.outcomes[free])
        }
    }

    @Test func theStateIsWrittenAndRead() async throws {
        try await withForwarder { forwarder in
            let key = try await forwarder.serve([try Forwarder.freePort(.udp)])[0]
            var table = try await forwarder.load(.leading([(key, UInt16(53))])).get()
            table.generation = 7
            #expect(ForwardTable(text: table.text) == table)
        }
    }
}
