import Model
import Netlink

/// The requests that make links: a line a kind in the registry below.
enum LinkCreation {
    /// What a kind is made from. `nil`: not by a request of its own.
    private typealias Recipe = @Sendable (KernelObject, inout LinkAttributes) -> (any LinkKind)?

    private static let recipes: [String: Recipe] = [
        BridgeAttributes.kind: { _, _ in BridgeAttributes() },
        Veth.kind: pair,
        Macvlan.kind: { object, _ in
            Macvlan(mode: Macvlan.Mode.allCases.first { "\($0)" == object.string(.mode) })
        },
        Ipvlan.kind: { object, _ in Ipvlan(mode: Ipvlan.Mode.allCases.first { "\($0)" == object.string(.mode) }) },
        VLAN.kind: { object, _ in object.int(.vlan).map { VLAN(id: UInt16(truncatingIfNeeded: $0)) } },
    ]

    /// The request for an object; `nil` for a pair's outer end, which its inner end brings along. `namespace` is an open
    /// file of where the link is to be, `parent` the index on the host of what it is to sit on.
    static func request(_ object: KernelObject, namespace: Int32?, parent: Int32?) -> NetlinkRequest? {
        var attributes = LinkAttributes(
            name: object.id.name, mtu: object.int(.mtu).map(UInt32.init),
            macAddress: object.string(.mac).flatMap { MACAddress($0) }, group: Mark.linkGroup, parent: parent)
        attributes.namespace = namespace.map { .descriptor($0) }
        guard let kind = object.string(.type).flatMap({ recipes[$0] })?(object, &attributes) else { return nil }
        return LinkRequest.create(kind, attributes)
    }

    /// One queue a direction: the kernel's default of one a processor costs memory and time for each of many.
    @Sendable
    private static func pair(_ object: KernelObject, _ attributes: inout LinkAttributes) -> (any LinkKind)? {
        guard let peer = object.string(.peer) else { return nil }
        attributes.transmitQueues = 1
        attributes.receiveQueues = 1
        return Veth(
            peer: LinkAttributes(
                name: peer, mtu: object.int(.mtu).map(UInt32.init), group: Mark.linkGroup, transmitQueues: 1,
                receiveQueues: 1))
    }
}
