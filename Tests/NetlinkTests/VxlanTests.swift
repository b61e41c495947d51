import CLinux
import Model
import Testing

@testable import Netlink

@Suite struct VxlanTests {
    private func parse(_ request: NetlinkRequest) -> LinkMessage? {
        Captures.read(Array(request.bytes.dropFirst(MessageHeader.size))) { LinkMessage($0) }
    }

    @Test(arguments: [IPAddress("192.0.2.1"), IPAddress("2001:db8::1")]) func roundTrips(_ local: IPAddress?) throws {
        let vxlan = Vxlan(vni: 4097, local: local, port: 4789, learning: false, proxy: true)
        let link = try #require(parse(LinkRequest.create(vxlan, LinkAttributes(name: "vx-a", mtu: 1450, group: 9))))
        #expect(link.kind == "vxlan" && link.vxlan == vxlan && link.mtu == 1450 && link.group == 9)
        #expect(link.bridge == nil && link.vlan == nil)
    }

    /// The kernel refuses what it cannot change even where it is the same: what is not given is not sent.
    @Test func aChangeNamesOnlyWhatIsGiven() throws {
        let link = try #require(parse(LinkRequest.configure(.name("vx-a"), Vxlan(learning: true))))
        #expect(link.vxlan == Vxlan(learning: true))
    }

    /// `ip link add vx type vxlan id 4097 local 192.0.2.1 dstport 4789 nolearning proxy`, its `IFLA_INFO_DATA` alone.
    @Test func attributesAreTheBytesThatTheKernelTakes() {
        var writer = MessageWriter()
        Vxlan(vni: 4097, local: IPAddress("192.0.2.1"), port: 4789, learning: false, proxy: true).encode(into: &writer)
        #expect(
            writer.bytes
                == Captures.bytes(
                    "080001000110000008000400c000020106000f0012b50000050007000000000005000b0001000000"))
    }

    /// To a bridge a permanent entry is one of its own host: frames for it would go no further.
    @Test func aBridgesEntryIsStaticAndAVxlansPermanent() throws {
        let mac = MACAddress(bits: 0x0242_0a00_0005)
        func message(_ flags: NeighbourFlags, _ destination: IPAddress?) -> NeighbourMessage? {
            let request = NeighbourRequest.addForwarding(mac, index: 4, flags: flags, destination: destination)
            return Captures.read(Array(request.bytes.dropFirst(MessageHeader.size))) { NeighbourMessage($0) }
        }
        let bridged = try #require(message(.master, nil))
        #expect(bridged.isStatic && !bridged.isPermanent && bridged.flags == .master)
        let own = try #require(message(.own, IPAddress("192.0.2.7")))
        #expect(own.isPermanent && !own.isStatic && own.destination == IPAddress("192.0.2.7"))
    }
}
