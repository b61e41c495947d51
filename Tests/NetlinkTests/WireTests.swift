import CLinux
import Model
import Testing

@testable import Netlink

@Suite struct WireTests {
    @Test func attributesArePaddedAndCounted() {
        var writer = MessageWriter()
        writer.attribute(1, UInt8(7))
        writer.attribute(2, UInt16(0x0102))
        writer.attribute(3, bigEndian: UInt16(0x0102))
        writer.attribute(4, string: "eth0")
        writer.flag(5)
        writer.nested(6) { $0.attribute(7, UInt32(8)) }
        #expect(
            writer.bytes
                == Captures.bytes(
                    """
                    0500 0100 07000000  0600 0200 02010000  0600 0300 01020000
                    0900 0400 6574683000000000  0400 0500  0c00 0680 0800 0700 08000000
                    """))
    }

    @Test func readsWhatItWrote() {
        var writer = MessageWriter()
        writer.attribute(1, UInt64.max - 1)
        writer.attribute(2, bigEndian: UInt32(0x0a00_0001))
        writer.attribute(3, IPAddress("fd00::1")!)
        writer.attribute(4, MACAddress("02:42:0a:00:00:01")!)
        writer.nested(5) { $0.attribute(6, string: "inner") }
        var seen: [String] = []
        Captures.read(writer.bytes) { bytes in
            bytes.forEachAttribute { type, value in
                switch type {
                case 1: seen.append("\(value.u64() ?? 0)")
                case 2: seen.append("\(value.be32() ?? 0) \(value.address!)")
                case 3: seen.append("\(value.address!)")
                case 4: seen.append("\(value.macAddress!)")
                case 5: value.forEachAttribute { seen.append("\($0) \($1.string)") }
                default: seen.append("?")
                }
            }
        }
        #expect(
            seen == ["18446744073709551614", "167772161 10.0.0.1", "fd00::1", "02:42:0a:00:00:01", "6 inner"])
    }

    @Test(arguments: ["0000 0100", "0300 0100", "0800 0100 0000", "04", "ffff 0100 00000000"])
    func impossibleLengthsEndTheWalk(_ text: String) {
        var count = 0
        Captures.read(Captures.bytes("0400 0100" + text)) { $0.forEachAttribute { _, _ in count += 1 } }
        #expect(count == 1)
    }

    @Test func lastAttributeNeedsNoPadding() {
        var value: UInt8?
        Captures.read(Captures.bytes("0500 0100 2a")) { $0.forEachAttribute { value = $1.u8() } }
        #expect(value == 42)
    }

    @Test func shortReadsAreNil() {
        let isNil = Captures.read([1, 2, 3]) { bytes in
            bytes.u32() == nil && bytes.u16(at: 2) == nil && bytes.u8(at: 3) == nil && bytes.u8(at: -1) == nil
                && bytes.u64(at: .max) == nil && bytes.address == nil && bytes.macAddress == nil
        }
        #expect(isNil)
    }

    @Test func attributesTooLongAreCutOff() {
        var writer = MessageWriter()
        writer.attribute(1, bytes: [UInt8](repeating: 1, count: 70_000))
        #expect(writer.bytes.count == 65_536)
        #expect(writer.bytes[0...1] == [0xff, 0xff])
    }

    @Test func messagesFollowEachOther() {
        var bytes: [UInt8] = []
        let request = NetlinkRequest(type: 99, flags: NLM_F_CREATE, summary: "test") { $0.field(UInt8(5)) }
        request.append(to: &bytes, sequence: 7, flags: NLM_F_ACK)
        request.append(to: &bytes, sequence: 8, flags: NLM_F_DUMP)
        #expect(bytes.count == 40)
        var headers: [MessageHeader] = []
        let isWhole = Captures.read(bytes) { $0.forEachMessage { header, _ in headers.append(header) } }
        #expect(isWhole)
        #expect(headers.map(\.sequence) == [7, 8])
        #expect(headers.map(\.length) == [17, 17])
        #expect(headers[0].flags == NLM_F_CREATE | NLM_F_REQUEST | NLM_F_ACK)
        #expect(headers[1].has(NLM_F_DUMP))
        #expect(!Captures.read(Array(bytes.dropLast(4))) { $0.forEachMessage { _, _ in } })
    }
}
