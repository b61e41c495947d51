import Model
import Testing

@testable import Netlink

@Suite struct SocketDiagTests {
    @Test func readsAListeningSocket() throws {
        let socket = try #require(Captures.read(Captures.listeningSocket) { SocketMessage($0) })
        #expect(socket.state == .listening)
        #expect(socket.localAddress == IPAddress("::") && socket.localPort == 8_081)
        #expect(socket.isIPv6Only == true && socket.userID == 0 && socket.inode != 0)
    }

    @Test func socketRequestIsTheBytesThatTheKernelTakes() {
        let request = SocketRequest.dump(family: .ipv4, protocolNumber: 17, states: [.closed, .established])
        #expect(request.bytes.count == 16 + 56)
        #expect(request.bytes[16..<24] == [2, 17, 0, 0, 0x82, 0, 0, 0])
    }
}
