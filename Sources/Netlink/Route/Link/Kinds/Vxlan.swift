import CLinux
import Model

/// A tunnel of Ethernet frames in UDP (RFC 7348): `IFLA_VXLAN_…` of `linux/if_link.h`, `drivers/net/vxlan`. `nil` is "not
/// given" when written and "not said" when read.
///
/// A vxlan that exists refuses to be told `vni`, `port`, `proxy` again, the same ones included where the kernel cannot
/// change them (`vxlan_nl2conf`): so a change names only what differs.
public struct Vxlan: LinkKind {
    /// `vxlan`.
    public static let kind = "vxlan"

    /// `IFLA_VXLAN_ID`, 24 bits: cannot be changed.
    public var vni: UInt32?
    /// The address that tunnels start and end at here (`IFLA_VXLAN_LOCAL`, `_LOCAL6`). Its family cannot be changed.
    public var local: IPAddress?
    /// The UDP port, of both ends: cannot be changed.
    public var port: UInt16?
    /// Learns from what comes in where addresses are; on by default.
    public var learning: Bool?
    /// Answers ARP and neighbour solicitations from the neighbours of the link, and sends none on: cannot be changed.
    public var proxy: Bool?

    /// A vxlan.
    public init(
        vni: UInt32? = nil, local: IPAddress? = nil, port: UInt16? = nil, learning: Bool? = nil, proxy: Bool? = nil
    ) {
        self.vni = vni
        self.local = local
        self.port = port
        self.learning = learning
        self.proxy = proxy
    }

    /// Reads the content of `IFLA_INFO_DATA`.
    init(_ data: RawSpan) {
        data.forEachAttribute { type, value in
            switch type {
            case IFLA_VXLAN_ID: vni = value.u32()
            case IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6: local = value.address
            case IFLA_VXLAN_PORT: port = value.be16()
            case IFLA_VXLAN_LEARNING: learning = value.bool
            case IFLA_VXLAN_PROXY: proxy = value.bool
            default: break
            }
        }
    }

    /// Writes those that are given.
    public func encode(into writer: inout MessageWriter) {
        if let vni { writer.attribute(IFLA_VXLAN_ID, vni) }
        if let local { writer.attribute(local.family == .ipv4 ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, local) }
        if let port { writer.attribute(IFLA_VXLAN_PORT, bigEndian: port) }
        if let learning { writer.attribute(IFLA_VXLAN_LEARNING, UInt8(learning ? 1 : 0)) }
        if let proxy { writer.attribute(IFLA_VXLAN_PROXY, UInt8(proxy ? 1 : 0)) }
    }
}
