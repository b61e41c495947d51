import CLinux
import Model
import Testing

@testable import Netlink

@Suite struct AddressMessageTests {
    @Test func readsWhatTheKernelSends() throws {
        let plain = try #require(Captures.read(Captures.ipv4Address) { AddressMessage($0) })
        #expect(plain.address == IPPrefix("10.20.0.1/24"))
        #expect(plain.broadcast == IPAddress("10.20.0.255"))
        #expect(plain.index == 2 && plain.peer == nil && plain.flags == .permanent && plain.scope == .universe)

        let pair = try #require(Captures.read(Captures.peerAddress) { AddressMessage($0) })
        #expect(pair.address == IPPrefix("10.30.0.1/32"))
        #expect(pair.peer == IPAddress("10.30.0.2"))

        let linkLocal = try #require(Captures.read(Captures.linkLocalAddress) { AddressMessage($0) })
        #expect(linkLocal.scope == .link && linkLocal.flags.contains(.tentative))
        #expect(linkLocal.protocolNumber == UInt8(IFAPROT_KERNEL_LL))
    }

    @Test(arguments: ["10.0.0.1/24", "fd00::1/64", "0.0.0.0/0"])
    func roundTrips(_ text: String) throws {
        let prefix = try #require(IPPrefix(text))
        let request = AddressRequest.add(
            prefix, index: 5, protocolNumber: 82, flags: [.noDuplicateDetection, .noPrefixRoute], scope: .link)
        let message = try #require(
            Captures.read(Array(request.bytes.dropFirst(MessageHeader.size))) { AddressMessage($0) })
        #expect(message.address == prefix)
        #expect(message.index == 5 && message.protocolNumber == 82 && message.scope == .link)
        #expect(message.flags == [.noDuplicateDetection, .noPrefixRoute])
    }

    @Test func deleteIsTheBytesThatTheKernelTakes() {
        #expect(
            AddressRequest.delete(IPPrefix("10.0.0.1/24")!, index: 2).bytes
                == Captures.bytes(
                    """
                    28000000 1500 0100 00000000 00000000  02180000 02000000
                    0800 0200 0a000001  0800 0100 0a000001
                    """))
    }
}
