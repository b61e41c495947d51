import CLinux

/// A port of a bridge: `IFLA_BRPORT_…` of `linux/if_link.h`. `nil` is "not given" when written and "not said" when read.
public struct BridgePortAttributes: Hashable, Sendable {
    /// `BR_STATE_…` of `linux/if_bridge.h`: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking.
    public var state: UInt8?
    /// Frames may leave by the port they came in by.
    public var hairpin: Bool?
    /// Frames do not pass between two isolated ports.
    public var isolated: Bool?
    /// Addresses are learned from what comes in.
    public var learning: Bool?
    /// Unicast frames whose place is not known are sent here.
    public var unicastFlood: Bool?
    /// Multicast frames that nobody asked for are sent here.
    public var multicastFlood: Bool?
    /// Broadcast frames are sent here.
    public var broadcastFlood: Bool?
    /// ARP and ND are answered from the neighbour table, not flooded.
    public var neighbourSuppression: Bool?

    /// A port as the kernel makes it by default.
    public init(
        hairpin: Bool? = nil, isolated: Bool? = nil, learning: Bool? = nil, unicastFlood: Bool? = nil
    ) {
        self.hairpin = hairpin
        self.isolated = isolated
        self.learning = learning
        self.unicastFlood = unicastFlood
    }

    /// Reads the content of `IFLA_INFO_SLAVE_DATA`.
    init(_ data: RawSpan) {
        data.forEachAttribute { type, value in
            switch type {
            case IFLA_BRPORT_STATE: state = value.u8()
            case IFLA_BRPORT_MODE: hairpin = value.bool
            case IFLA_BRPORT_ISOLATED: isolated = value.bool
            case IFLA_BRPORT_LEARNING: learning = value.bool
            case IFLA_BRPORT_UNICAST_FLOOD: unicastFlood = value.bool
            case IFLA_BRPORT_MCAST_FLOOD: multicastFlood = value.bool
            case IFLA_BRPORT_BCAST_FLOOD: broadcastFlood = value.bool
            case IFLA_BRPORT_NEIGH_SUPPRESS: neighbourSuppression = value.bool
            default: break
            }
        }
    }

    /// Writes those that are given.
    func encode(into writer: inout MessageWriter) {
        if let state { writer.attribute(IFLA_BRPORT_STATE, state) }
        for (type, value) in [
            (IFLA_BRPORT_MODE, hairpin), (IFLA_BRPORT_ISOLATED, isolated), (IFLA_BRPORT_LEARNING, learning),
            (IFLA_BRPORT_UNICAST_FLOOD, unicastFlood), (IFLA_BRPORT_MCAST_FLOOD, multicastFlood),
            (IFLA_BRPORT_BCAST_FLOOD, broadcastFlood), (IFLA_BRPORT_NEIGH_SUPPRESS, neighbourSuppression),
        ] {
            if let value { writer.attribute(type, UInt8(value ? 1 : 0)) }
        }
    }
}

extension RawSpan {
    /// One byte that is 0 or not.
    var bool: Bool? { u8().map { $0 != 0 } }
}
