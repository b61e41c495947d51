import CLinux
import Model
import Testing

@testable import Netlink

@Suite struct LinkTests {
    /// What a request says, read as if the kernel had sent it: the formats are the same.
    private func parse(_ request: NetlinkRequest) -> LinkMessage? {
        Captures.read(Array(request.bytes.dropFirst(MessageHeader.size))) { LinkMessage($0) }
    }

    @Test func readsABridge() throws {
        let link = try #require(Captures.read(Captures.bridgeLink) { LinkMessage($0) })
        #expect(link.name == "br-cap")
        #expect(link.kind == "bridge")
        #expect(link.mtu == 1_400)
        #expect(link.group == 0x7263)
        #expect(link.alias == "reconcile:1 default network/front")
        #expect(link.macAddress == MACAddress("02:42:0a:14:00:01"))
        #expect(link.isUp && link.hasCarrier && !link.isLoopback)
        #expect(link.operationalState == 6)
        #expect(link.bridge?.ageingTime == 30_000)
        #expect(link.bridge?.spanningTree == 0)
        #expect(link.bridge?.multicastSnooping == 1)
        #expect(link.ipv6AddressGeneration == .eui64)
        #expect(link.ipv4?.forwarding == 0)
        #expect(link.ipv6?.acceptRouterAdvertisement == 1)
        #expect(link.bridgePort == nil)
    }

    @Test func readsABridgePort() throws {
        let link = try #require(Captures.read(Captures.bridgePortLink) { LinkMessage($0) })
        #expect(link.kind == "veth")
        #expect(link.master == 2)
        #expect(link.parent == 3)
        #expect(link.parentNamespaceID == nil)
        #expect(link.bridgePort?.hairpin == true)
        #expect(link.bridgePort?.isolated == true)
        #expect(link.bridgePort?.learning == true)
        #expect(link.bridgePort?.state == 3)
        #expect(link.bridge == nil)
    }

    @Test func readsWhatItDoesNotKnow() throws {
        let link = try #require(Captures.read(Captures.vxlanLink) { LinkMessage($0) })
        #expect(link.kind == "vxlan")
        let loopback = try #require(Captures.read(Captures.loopbackLink) { LinkMessage($0) })
        #expect(loopback.isLoopback && loopback.kind == nil && loopback.hardwareType == 772)
    }

    @Test func writesEveryAttribute() throws {
        var ipv4 = IPv4Settings()
        ipv4.forwarding = 1
        let request = LinkRequest.set(
            .index(7),
            LinkAttributes(
                name: "new", mtu: 1_400, macAddress: MACAddress("02:00:00:00:00:01"), alias: "mark", group: 9,
                master: 3, isUp: true, parent: 4, ipv6AddressGeneration: IPv6AddressGeneration.none))
        let link = try #require(parse(request))
        #expect(link.index == 7 && link.name == "new" && link.mtu == 1_400 && link.alias == "mark")
        #expect(link.group == 9 && link.master == 3 && link.isUp && link.parent == 4)
        #expect(link.macAddress == MACAddress("02:00:00:00:00:01"))
        #expect(link.ipv6AddressGeneration == IPv6AddressGeneration.none)
    }

    @Test func bridgeAttributesRoundTrip() throws {
        var bridge = BridgeAttributes()
        bridge.ageingTime = 100
        bridge.forwardDelay = 200
        bridge.spanningTree = 1
        bridge.vlanFiltering = 1
        bridge.defaultVLAN = 5
        bridge.groupForwardMask = 8
        bridge.multicastSnooping = 0
        bridge.multicastQuerier = 1
        bridge.callIPTables = 1
        bridge.callIP6Tables = 0
        bridge.callARPTables = 1
        let link = try #require(parse(LinkRequest.create(bridge, LinkAttributes(name: "br0"))))
        #expect(link.bridge == bridge)
        #expect(parse(LinkRequest.configure(.index(3), bridge))?.bridge == bridge)
        #expect(parse(LinkRequest.create(BridgeAttributes(), LinkAttributes()))?.bridge == BridgeAttributes())
    }

    @Test func bridgePortAttributesRoundTrip() throws {
        var port = BridgePortAttributes(hairpin: true, isolated: false, learning: true)
        port.state = 3
        port.unicastFlood = false
        port.multicastFlood = true
        port.broadcastFlood = false
        port.neighbourSuppression = true
        #expect(parse(LinkRequest.configurePort(.index(3), port))?.bridgePort == port)
    }

    @Test func vethCarriesItsPeer() throws {
        let peer = LinkAttributes(
            name: "eth0", mtu: 1_400, group: 0x7263, isUp: true, namespace: .descriptor(9), transmitQueues: 1)
        let request = LinkRequest.create(Veth(peer: peer), LinkAttributes(name: "v0"))
        var inner: LinkMessage?
        var descriptor: Int32?
        Captures.read(Array(request.bytes.dropFirst(MessageHeader.size))) { bytes in
            bytes.forEachAttribute(from: LinkMessage.fixedSize) { type, value in
                guard type == IFLA_LINKINFO else { return }
                value.forEachAttribute { type, value in
                    guard type == IFLA_INFO_DATA else { return }
                    value.forEachAttribute { type, value in
                        guard type == Int(VETH_INFO_PEER) else { return }
                        inner = LinkMessage(value)
                        value.forEachAttribute(from: LinkMessage.fixedSize) { type, value in
                            if type == IFLA_NET_NS_FD { descriptor = value.i32() }
                        }
                    }
                }
            }
        }
        let link = try #require(inner)
        #expect(link.name == "eth0" && link.mtu == 1_400 && link.group == 0x7263)
        #expect(!link.isUp)
        #expect(descriptor == 9)
    }

    @Test func changesNeverReachAGroup() {
        let attributes = LinkAttributes(mtu: 1_400, group: 5)
        #expect(LinkRequest.set(.name("x"), attributes).bytes[4] == UInt8(RTM_SETLINK))
        for request in [
            LinkRequest.configure(.name("x"), BridgeAttributes()),
            LinkRequest.configurePort(.name("x"), BridgePortAttributes(hairpin: true)),
        ] {
            #expect(parse(request)?.name == "x")
            #expect(parse(request)?.group == 0)
        }
    }

    @Test func dumpIsTheBytesThatTheKernelTakes() {
        #expect(
            LinkRequest.dump(master: 3).bytes
                == Captures.bytes(
                    """
                    30000000 1200 0100 00000000 00000000  00000000 00000000 00000000 00000000
                    0800 1d00 08000000  0800 0a00 03000000
                    """))
    }
}
