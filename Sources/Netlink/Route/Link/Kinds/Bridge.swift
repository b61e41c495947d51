import CLinux

/// A bridge: `IFLA_BR_…` of `linux/if_link.h`. `nil` is "not given" when written and "not said" when read.
public struct BridgeAttributes: LinkKind {
    /// `bridge`.
    public static let kind = "bridge"

    /// Seconds times 100 until a learned address is forgotten (`USER_HZ`); 30,000 by default. The kernel counts in its
    /// own ticks: what is not a multiple of them reads back rounded (12,345 as 12,344 at 250 Hz).
    public var ageingTime: UInt32?
    /// Seconds times 100 that a port listens and learns before it forwards; 1,500 by default.
    public var forwardDelay: UInt32?
    /// 0 off, 1 the kernel's spanning tree, 2 a user's.
    public var spanningTree: UInt32?
    /// 1: ports have VLANs. A kernel without `CONFIG_BRIDGE_VLAN_FILTERING` says 0 and refuses to be told even that.
    public var vlanFiltering: UInt8?
    /// The VLAN of untagged frames; 1 by default, 0 none.
    public var defaultVLAN: UInt16?
    /// Bits of link-local groups (01:80:c2:00:00:0X) that are forwarded although IEEE 802.1D says not to.
    public var groupForwardMask: UInt16?
    /// 1 (default): multicast goes only where it is wanted.
    public var multicastSnooping: UInt8?
    /// 1: the bridge asks who wants multicast.
    public var multicastQuerier: UInt8?
    /// 1: bridged IPv4 passes the netfilter hooks of `ip` and `inet`, whatever `bridge-nf-call-iptables` says.
    public var callIPTables: UInt8?
    /// The same for IPv6.
    public var callIP6Tables: UInt8?
    /// The same for ARP.
    public var callARPTables: UInt8?

    /// A bridge as the kernel makes it by default.
    public init() {}

    /// Reads the content of `IFLA_INFO_DATA`.
    init(_ data: RawSpan) {
        data.forEachAttribute { type, value in
            switch type {
            case IFLA_BR_AGEING_TIME: ageingTime = value.u32()
            case IFLA_BR_FORWARD_DELAY: forwardDelay = value.u32()
            case IFLA_BR_STP_STATE: spanningTree = value.u32()
            case IFLA_BR_VLAN_FILTERING: vlanFiltering = value.u8()
            case IFLA_BR_VLAN_DEFAULT_PVID: defaultVLAN = value.u16()
            case IFLA_BR_GROUP_FWD_MASK: groupForwardMask = value.u16()
            case IFLA_BR_MCAST_SNOOPING: multicastSnooping = value.u8()
            case IFLA_BR_MCAST_QUERIER: multicastQuerier = value.u8()
            case IFLA_BR_NF_CALL_IPTABLES: callIPTables = value.u8()
            case IFLA_BR_NF_CALL_IP6TABLES: callIP6Tables = value.u8()
            case IFLA_BR_NF_CALL_ARPTABLES: callARPTables = value.u8()
            default: break
            }
        }
    }

    /// Writes those that are given.
    public func encode(into writer: inout MessageWriter) {
        if let ageingTime { writer.attribute(IFLA_BR_AGEING_TIME, ageingTime) }
        if let forwardDelay { writer.attribute(IFLA_BR_FORWARD_DELAY, forwardDelay) }
        if let spanningTree { writer.attribute(IFLA_BR_STP_STATE, spanningTree) }
        if let vlanFiltering { writer.attribute(IFLA_BR_VLAN_FILTERING, vlanFiltering) }
        if let defaultVLAN { writer.attribute(IFLA_BR_VLAN_DEFAULT_PVID, defaultVLAN) }
        if let groupForwardMask { writer.attribute(IFLA_BR_GROUP_FWD_MASK, groupForwardMask) }
        if let multicastSnooping { writer.attribute(IFLA_BR_MCAST_SNOOPING, multicastSnooping) }
        if let multicastQuerier { writer.attribute(IFLA_BR_MCAST_QUERIER, multicastQuerier) }
        if let callIPTables { writer.attribute(IFLA_BR_NF_CALL_IPTABLES, callIPTables) }
        if let callIP6Tables { writer.attribute(IFLA_BR_NF_CALL_IP6TABLES, callIP6Tables) }
        if let callARPTables { writer.attribute(IFLA_BR_NF_CALL_ARPTABLES, callARPTables) }
    }
}
