import CLinux
import Model
import Testing

@testable import Netlink

@Suite struct ConntrackTests {
    @Test func readsATranslatedConnection() throws {
        let entry = try #require(Captures.read(Captures.translatedConnection) { ConntrackMessage($0) })
        #expect(entry.original.protocolNumber == 17)
        #expect(entry.original.source == IPAddress("127.0.0.1"))
        #expect(entry.original.destinationPort == 5_000)
        #expect(entry.reply.sourcePort == 5_001)
        #expect(entry.reply.destinationPort == entry.original.sourcePort)
        #expect(entry.isDestinationTranslated && !entry.isSourceTranslated)
        #expect(entry.id == 0x031d_18c6)
    }

    @Test(arguments: [("10.0.0.1", "10.0.0.2"), ("fd00::1", "fd00::2")])
    func deleteNamesTheConnection(_ source: String, _ destination: String) throws {
        var entry = try #require(Captures.read(Captures.translatedConnection) { ConntrackMessage($0) })
        entry.original = ConntrackTuple(
            source: IPAddress(source)!, destination: IPAddress(destination)!, protocolNumber: 17, sourcePort: 1,
            destinationPort: 53)
        entry.zone = 7
        var tuple: ConntrackTuple?
        var id: UInt32?
        var zone: UInt16?
        let request = ConntrackRequest.delete(entry)
        Captures.read(Array(request.bytes.dropFirst(MessageHeader.size))) { bytes in
            bytes.forEachAttribute(from: ConntrackMessage.fixedSize) { type, value in
                switch type {
                case ConntrackAttribute.original: tuple = ConntrackTuple(value)
                case ConntrackAttribute.id: id = value.be32()
                case ConntrackAttribute.zone: zone = value.be16()
                default: break
                }
            }
        }
        #expect(tuple == entry.original)
        #expect(id == entry.id)
        #expect(zone == 7)
        #expect(request.bytes[4...5] == [UInt8(IPCTNL_MSG_CT_DELETE.rawValue), UInt8(NFNL_SUBSYS_CTNETLINK)])
    }
}
