import Model
import Netlink

/// Messages of the kernel, made field by field.
enum Notices {
    // linux/if.h, linux/if_addr.h, linux/rtnetlink.h.
    static let isUp: UInt32 = 1
    private static let isLoopback: UInt32 = 8
    private static let local = 2
    private static let origin = 11
    private static let unicast: UInt8 = 1
    private static let ipv4: UInt8 = 2

    private static func attribute(_ type: Int, _ value: [UInt8]) -> [UInt8] {
        [UInt8(value.count + 4), 0, UInt8(type), 0] + value
            + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    }

    /// A link without any attribute, to be filled in.
    static func link(_ name: String, index: Int32, _ change: (inout LinkMessage) -> Void = { _ in }) -> LinkMessage {
        guard var link = LinkMessage([UInt8](repeating: 0, count: 16).span.bytes) else { fatalError("no link") }
        link.name = name
        link.index = index
        change(&link)
        return link
    }

    /// A bridge of ours as it should be.
    static func bridge(_ change: (inout LinkMessage) -> Void = { _ in }) -> LinkMessage {
        link("br-front", index: 5) {
            $0.kind = "bridge"
            $0.mtu = 1500
            $0.flags = isUp
            $0.group = Mark.linkGroup
            $0.alias = "reconcile:1 default network/front"
            $0.macAddress = MACAddress("02:42:0a:14:00:01")
            $0.ipv6AddressGeneration = IPv6AddressGeneration.none
            change(&$0)
        }
    }

    /// One end of a pair that joins `web` to the bridge.
    static func veth(_ name: String, index: Int32, _ change: (inout LinkMessage) -> Void = { _ in }) -> LinkMessage {
        link(name, index: index) {
            $0.kind = "veth"
            $0.mtu = 1500
            $0.flags = isUp
            $0.group = Mark.linkGroup
            $0.alias = "reconcile:1 default container/web network/front"
            $0.macAddress = MACAddress("02:42:0a:14:00:0a")
            $0.ipv6AddressGeneration = IPv6AddressGeneration.none
            change(&$0)
        }
    }

    /// `lo`.
    static func loopback(alias: String? = nil, up: Bool = true) -> LinkMessage {
        link("lo", index: 1) {
            $0.flags = isLoopback | (up ? isUp : 0)
            $0.alias = alias
        }
    }

    /// An IPv4 address. `by` is who added it (`IFA_PROTO`).
    static func address(_ text: String, index: Int32, by who: UInt8 = Mark.protocol) -> AddressMessage {
        let parts = text.split(separator: "/")
        let bytes = parts[0].split(separator: ".").map { UInt8($0)! }
        let payload: [UInt8] =
            [ipv4, UInt8(parts[1])!, 0, 0, UInt8(index), 0, 0, 0]
            + attribute(local, bytes) + attribute(origin, [who])
        guard let address = AddressMessage(payload.span.bytes) else { fatalError("no address") }
        return address
    }

    /// An IPv4 route to `destination`, by default the default route. `by` is who made it.
    static func route(
        _ destination: String = "0.0.0.0/0", via gateway: String? = "10.20.0.1", index: Int32? = 2,
        by who: UInt8 = Mark.protocol, _ change: (inout RouteMessage) -> Void = { _ in }
    ) -> RouteMessage {
        let payload: [UInt8] = [ipv4, 0, 0, 0, 254, who, 0, unicast, 0, 0, 0, 0]
        guard var route = RouteMessage(payload.span.bytes) else { fatalError("no route") }
        route.destination = IPPrefix(destination)!
        route.gateway = gateway.map { IPAddress($0)! }
        route.outputIndex = index
        change(&route)
        return route
    }
}
