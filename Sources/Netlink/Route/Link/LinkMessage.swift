import CLinux
import Model

/// A link as the kernel describes it: `RTM_NEWLINK`, `struct ifinfomsg` and `IFLA_…` of `linux/if_link.h`.
public struct LinkMessage: Hashable, Sendable {
    /// True where this tells of a bridge's port (`AF_BRIDGE`), not of the link: only in notifications, which then lack
    /// most attributes, and whose removal means that the link left the bridge.
    public var isPortOnly = false
    /// Unique within its namespace, never reused while the link lives.
    public var index: Int32 = 0
    /// `IFLA_IFNAME`.
    public var name = ""
    /// `IFF_…` of `linux/if.h`.
    public var flags: UInt32 = 0
    /// `ARPHRD_…` of `linux/if_arp.h`: 1 for Ethernet, 772 for loopback.
    public var hardwareType: UInt16 = 0
    /// `IFLA_INFO_KIND`: `bridge`, `veth`, …; `nil` for hardware and `lo`.
    public var kind: String?
    /// `IFLA_GROUP`; 0 by default.
    public var group: UInt32 = 0
    /// `IFLA_IFALIAS`.
    public var alias: String?
    /// Bytes of the largest packet.
    public var mtu: UInt32 = 0
    /// `IFLA_ADDRESS`, where it has 6 bytes.
    public var macAddress: MACAddress?
    /// RFC 2863 operational state, `IF_OPER_…` of `linux/if.h`: 6 is up.
    public var operationalState: UInt8 = 0
    /// The index of the bridge, bond or VRF that this link is a port of.
    public var master: Int32?
    /// `IFLA_LINK`: a veth's peer, or what a vlan, macvlan, ipvlan or vxlan sits on.
    public var parent: Int32?
    /// The id, in this namespace, of the namespace that `parent` is in; `nil`: this one.
    public var parentNamespaceID: Int32?
    /// How the link makes its own IPv6 addresses; `nil` where IPv6 is off in the kernel.
    public var ipv6AddressGeneration: IPv6AddressGeneration?
    /// The link's IPv4 settings.
    public var ipv4: IPv4Settings?
    /// The link's IPv6 settings.
    public var ipv6: IPv6Settings?
    /// Where the link is a bridge: its attributes.
    public var bridge: BridgeAttributes?
    /// Where the link is a macvlan: its attributes.
    public var macvlan: Macvlan?
    /// Where the link is an ipvlan: its attributes.
    public var ipvlan: Ipvlan?
    /// Where the link is a VLAN: its attributes.
    public var vlan: VLAN?
    /// Where the link is a bridge's port: the port's attributes.
    public var bridgePort: BridgePortAttributes?

    /// Administratively up (`IFF_UP`).
    public var isUp: Bool { flags & UInt32(IFF_UP.rawValue) != 0 }
    /// Has a carrier (`IFF_LOWER_UP`).
    public var hasCarrier: Bool { flags & LinkFlag.lowerUp != 0 }
    /// `lo` (`IFF_LOOPBACK`).
    public var isLoopback: Bool { flags & UInt32(IFF_LOOPBACK.rawValue) != 0 }

    static let fixedSize = MemoryLayout<ifinfomsg>.size

    /// Reads what follows the message header; `nil` where it is too short for `struct ifinfomsg`.
    public init?(_ payload: RawSpan) {
        guard payload.byteCount >= Self.fixedSize, let type = payload.u16(at: 2), let index = payload.i32(at: 4),
            let flags = payload.u32(at: 8)
        else { return nil }
        self.index = index
        self.flags = flags
        hardwareType = type
        isPortOnly = payload.u8() == UInt8(AddressFamily.bridge)
        payload.forEachAttribute(from: Self.fixedSize) { decode($0, $1) }
    }

    private mutating func decode(_ type: Int, _ value: RawSpan) {
        switch type {
        case IFLA_IFNAME: name = value.string
        case IFLA_MTU: mtu = value.u32() ?? mtu
        case IFLA_ADDRESS: macAddress = value.macAddress
        case IFLA_GROUP: group = value.u32() ?? group
        case IFLA_IFALIAS: alias = value.string
        case IFLA_OPERSTATE: operationalState = value.u8() ?? operationalState
        case IFLA_MASTER: master = value.i32()
        case IFLA_LINK: parent = value.i32()
        case IFLA_LINK_NETNSID: parentNamespaceID = value.i32()
        case IFLA_LINKINFO: decodeInfo(value)
        case IFLA_AF_SPEC: decodeFamilies(value)
        default: break
        }
    }

    private mutating func decodeInfo(_ value: RawSpan) {
        var portKind = ""
        value.forEachAttribute { type, value in
            switch type {
            case IFLA_INFO_KIND: kind = value.string
            case IFLA_INFO_SLAVE_KIND: portKind = value.string
            default: break
            }
        }
        value.forEachAttribute { type, value in
            switch type {
            case IFLA_INFO_DATA: decodeData(value)
            case IFLA_INFO_SLAVE_DATA where portKind == BridgeAttributes.kind:
                bridgePort = BridgePortAttributes(value)
            default: break
            }
        }
    }

    /// The one list of kinds whose data is read.
    private mutating func decodeData(_ value: RawSpan) {
        switch kind {
        case BridgeAttributes.kind: bridge = BridgeAttributes(value)
        case Macvlan.kind: macvlan = Macvlan(value)
        case Ipvlan.kind: ipvlan = Ipvlan(value)
        case VLAN.kind: vlan = VLAN(value)
        default: break
        }
    }

    private mutating func decodeFamilies(_ value: RawSpan) {
        value.forEachAttribute { family, value in
            switch Int32(family) {
            case AddressFamily.ipv4: ipv4 = IPv4Settings(value)
            case AddressFamily.ipv6:
                ipv6 = IPv6Settings(value)
                value.forEachAttribute { type, value in
                    guard type == IFLA_INET6_ADDR_GEN_MODE else { return }
                    ipv6AddressGeneration = value.u8().flatMap(IPv6AddressGeneration.init)
                }
            default: break
            }
        }
    }
}
