import CLinux
import Model
import Testing

@testable import Netlink

/// Links that sit on others: macvlan, ipvlan, VLAN.
@Suite struct SittingLinkTests {
    private func parse(_ request: NetlinkRequest) -> LinkMessage? {
        Captures.read(Array(request.bytes.dropFirst(MessageHeader.size))) { LinkMessage($0) }
    }

    /// A macvlan in another namespace than what it sits on, as Linux 6.18 tells of it.
    private static let macvlanLink = Captures.bytes(
        """
        0000010002000000031000000000000009000300657468300000000008000d00e80300000500100002000000050011000000
        0000050043000000000008000400dc050000080032004400000008003300ffff000008001b006372000008001e0000000000
        08003d000000000008001f000100000008002800ffff0000080029000000010008003a000000010008003f00000001000800
        40000000010008003b00f8ff070008003c00ffff000008004200000000000800200001000000050021000000000032001400
        7265636f6e63696c653a312064656661756c7420636f6e7461696e65722f776562206e6574776f726b2f6c616e0000000800
        23000000000008002f000000000008003000000000000600440000000000060045000000000005002700000000000a000100
        0242c0a8320a00000a000200ffffffffffff0000cc0017000000000000000000000000000000000000000000000000000000
        0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
        0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
        0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
        0000000000000000000000000000000000000000000000006400070000000000000000000000000000000000000000000000
        0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
        0000000000000000000000000000000000000000000000000c002b0005000200000000003c0012000c0001006d6163766c61
        6e002c00020008000100010000000600020000000000080006000000000008000700e803000008000800e803000008002500
        0000000008000500030000000c0006006e6f717565756500c0011a008c000200880001000000000000000000000000000100
        0000010000000100000001000000000000000100000000000000000000000000000000000000000000000000000000000000
        0000000000000000000000000000000000000000000000000000000000000000000000000000000010270000e80300000000
        00000000000000000000000000000100000030010a00080001000000000014000500ffff0000ad880400e8540000e8030000
        f40002000000000040000000dc05000001000000010000000100000001000000ffffffffa00f0000e803000000000000803a
        0900805101000300000058020000100000000000000001000000010000000100000060ea0000000000000000000000000000
        00000000000000000000000001000000000000000000000010270000e8030000010000000000000000000000010000000000
        000000000000010000000000000000000000000000000000000080ee36000000000000000000010000000000000000000000
        0000000000000000000000000004000000000000ffff0000ffffffff01000000000000000000000000000000140007000000
        0000000000000000000000000000050008000000000024000e00000000000000000000000000000000000000000000000000
        000000000000000004003e8004004180
        """)

    @Test func readsAMacvlan() throws {
        let link = try #require(Captures.read(Self.macvlanLink) { LinkMessage($0) })
        #expect(link.name == "eth0" && link.kind == "macvlan" && link.isUp)
        #expect(link.macvlan == Macvlan(mode: .private))
        #expect(link.macAddress == MACAddress("02:42:c0:a8:32:0a"))
        #expect(link.group == 0x7263)
        #expect(link.parent == 3 && link.parentNamespaceID != nil)
        #expect(link.ipvlan == nil && link.vlan == nil && link.bridge == nil)
    }

    @Test(arguments: Macvlan.Mode.allCases) func macvlansRoundTrip(_ mode: Macvlan.Mode) throws {
        let link = try #require(
            parse(LinkRequest.create(Macvlan(mode: mode), LinkAttributes(name: "eth0", group: 9, parent: 7))))
        #expect(link.kind == "macvlan" && link.macvlan?.mode == mode && link.parent == 7 && link.group == 9)
    }

    @Test(arguments: Ipvlan.Mode.allCases) func ipvlansRoundTrip(_ mode: Ipvlan.Mode) throws {
        let link = try #require(parse(LinkRequest.create(Ipvlan(mode: mode), LinkAttributes(name: "eth0", parent: 7))))
        #expect(link.kind == "ipvlan" && link.ipvlan?.mode == mode && link.parent == 7)
    }

    @Test(arguments: [1, 10, 4094] as [UInt16]) func vlansRoundTrip(_ id: UInt16) throws {
        let link = try #require(parse(LinkRequest.create(VLAN(id: id), LinkAttributes(name: "eth0.1", parent: 7))))
        #expect(link.kind == "vlan" && link.vlan == VLAN(id: id) && link.parent == 7)
    }

    /// What the kernel says of a mode or number that it did not tell, or that is of a later kernel.
    @Test func whatIsNotSaidIsNotMadeUp() throws {
        let none = try #require(parse(LinkRequest.create(Macvlan(), LinkAttributes(name: "x"))))
        #expect(none.macvlan == Macvlan(mode: nil))
        #expect(try #require(parse(LinkRequest.create(Ipvlan(), LinkAttributes(name: "x")))).ipvlan?.mode == nil)
        #expect(parse(LinkRequest.create(kind: "vlan", LinkAttributes(name: "x")))?.vlan == nil)
        // IFLA_MACVLAN_MODE 16 is "source", which we do not make.
        let source = Captures.read([8, 0, 1, 0, 16, 0, 0, 0]) { Macvlan($0) }
        #expect(source.mode == nil)
    }

    /// By hand from linux/if_link.h: IFLA_LINKINFO 18, IFLA_INFO_KIND 1, IFLA_INFO_DATA 2, IFLA_LINK 5, IFLA_IFNAME 3,
    /// IFLA_MACVLAN_MODE 1 (u32), IFLA_IPVLAN_MODE 1 (u16), IFLA_VLAN_ID 1 (u16).
    @Test func requestsAreTheBytesThatTheKernelTakes() {
        let header = "1000 0106 00000000 00000000 00000000 00000000 00000000 00000000 "
        func request(_ length: String, _ rest: String) -> [UInt8] {
            Captures.bytes(length + header + "0600 0300 7800 0000  0800 0500 07000000  " + rest)
        }
        let attributes = LinkAttributes(name: "x", parent: 7)
        #expect(
            LinkRequest.create(Macvlan(mode: .bridge), attributes).bytes
                == request("4c000000", "1c00 1280 0c00 0100 6d6163766c616e00  0c00 0280 0800 0100 04000000"))
        #expect(
            LinkRequest.create(Ipvlan(mode: .l3s), attributes).bytes
                == request("4c000000", "1c00 1280 0b00 0100 6970766c616e0000  0c00 0280 0600 0100 0200 0000"))
        #expect(
            LinkRequest.create(VLAN(id: 10), attributes).bytes
                == request("4c000000", "1c00 1280 0900 0100 766c616e 00000000  0c00 0280 0600 0100 0a00 0000"))
    }
}
