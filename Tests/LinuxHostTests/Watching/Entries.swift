import Model
import Netlink

/// Neighbours and forwarding entries as the kernel tells of them.
enum Entries {
    static let address = IPAddress(v4: 0x0a32_000c)
    static let mac = MACAddress(derivedFrom: address)
    static let tunnel = IPAddress(v4: 0xc000_0202)

    private static func read(_ request: NetlinkRequest) -> NeighbourMessage {
        let payload = Array(request.bytes.dropFirst(MessageHeader.size))
        guard let message = NeighbourMessage(payload.span.bytes) else { fatalError("no entry") }
        return message
    }

    static func neighbour(on index: Int32, protocolNumber: UInt8 = Mark.protocol) -> NeighbourMessage {
        read(NeighbourRequest.add(address, macAddress: mac, index: index, protocolNumber: protocolNumber))
    }

    /// The vxlan's own.
    static func tunnelled(on index: Int32, to tunnel: IPAddress = tunnel) -> NeighbourMessage {
        read(NeighbourRequest.addForwarding(mac, index: index, flags: .own, destination: tunnel))
    }

    /// The bridge's, that leads to the vxlan.
    static func bridged(on index: Int32) -> NeighbourMessage {
        var message = read(NeighbourRequest.addForwarding(mac, index: index, flags: .master))
        // The kernel says whose it is by another attribute, and with no flag.
        message.flags = []
        message.master = 5
        return message
    }

    /// The bridge's entry for the MAC of the port itself.
    static func ofThePort(on index: Int32) -> NeighbourMessage {
        var message = bridged(on: index)
        message.state = 0x80
        return message
    }
}
