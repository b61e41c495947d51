import CLinux
import Model
import Testing

@testable import Netlink

@Suite struct NeighbourTests {
    private let mac = MACAddress("02:42:0a:14:00:0c")!

    private func parse(_ request: NetlinkRequest) -> NeighbourMessage? {
        Captures.read(Array(request.bytes.dropFirst(MessageHeader.size))) { NeighbourMessage($0) }
    }

    @Test func readsWhatTheKernelSends() throws {
        let neighbour = try #require(Captures.read(Captures.neighbour) { NeighbourMessage($0) })
        #expect(!neighbour.isForwarding && neighbour.isPermanent && neighbour.protocolNumber == 82)
        #expect(neighbour.destination == IPAddress("10.20.0.9"))
        #expect(neighbour.macAddress == MACAddress("02:42:0a:14:00:09"))

        let tunnel = try #require(Captures.read(Captures.vxlanForwarding) { NeighbourMessage($0) })
        #expect(tunnel.isForwarding && tunnel.flags == .own && tunnel.destination == IPAddress("192.0.2.7"))
        #expect(tunnel.vni == 4_098 && tunnel.port == 4_790 && tunnel.macAddress == mac)

        let port = try #require(Captures.read(Captures.bridgeForwarding) { NeighbourMessage($0) })
        #expect(port.isForwarding && port.master == 2 && port.index == 4)
    }

    @Test(arguments: ["10.0.0.1", "fd00::1"])
    func neighboursRoundTrip(_ text: String) throws {
        let address = try #require(IPAddress(text))
        let request = NeighbourRequest.add(address, macAddress: mac, index: 4, protocolNumber: 82, flags: .proxy)
        let neighbour = try #require(parse(request))
        #expect(neighbour.destination == address && neighbour.macAddress == mac && neighbour.index == 4)
        #expect(neighbour.isPermanent && neighbour.protocolNumber == 82 && neighbour.flags == .proxy)
        #expect(parse(NeighbourRequest.delete(address, index: 4))?.destination == address)
    }

    @Test func forwardingEntriesRoundTrip() throws {
        let request = NeighbourRequest.addForwarding(
            mac, index: 4, flags: .own, destination: IPAddress("192.0.2.1")!, vni: 4_097, vlan: 3)
        let entry = try #require(parse(request))
        #expect(entry.isForwarding && entry.isPermanent && entry.flags == .own && entry.vni == 4_097)
        #expect(entry.destination == IPAddress("192.0.2.1") && entry.vlan == 3 && entry.macAddress == mac)
        let removal = NeighbourRequest.deleteForwarding(mac, index: 4, flags: .master, vlan: 3)
        #expect(parse(removal)?.flags == .master)
    }

    @Test func namespaceIDsRoundTrip() {
        for request in [
            NamespaceIDRequest.assign(.descriptor(3), id: 9), NamespaceIDRequest.assign(.process(3), id: 9),
        ] {
            let id = Captures.read(Array(request.bytes.dropFirst(MessageHeader.size))) { NamespaceIDMessage($0)?.id }
            #expect(id == 9)
        }
    }
}
