import CLinux
import Model

/// What a link is created with, or what about it is to change: `nil` leaves alone.
public struct LinkAttributes: Hashable, Sendable {
    /// The name, 15 bytes at most. To rename, the link must be named by index; while up only since Linux 6.2.
    public var name: String?
    /// Bytes of the largest packet.
    public var mtu: UInt32?
    /// The link-layer address.
    public var macAddress: MACAddress?
    /// Text of up to 255 bytes; empty removes it. The kernel ignores it at creation.
    public var alias: String?
    /// A number to find links by. Given at creation, no instant passes without it.
    public var group: UInt32?
    /// The bridge (or bond, VRF) to be a port of; 0: of none.
    public var master: Int32?
    /// Up or down.
    public var isUp: Bool?
    /// What the link sits on (`IFLA_LINK`): only at creation.
    public var parent: Int32?
    /// The namespace to be created in, or to be moved to.
    public var namespace: NamespaceReference?
    /// Transmit queues: only at creation. A veth gets one a processor unless told.
    public var transmitQueues: UInt32?
    /// Receive queues: only at creation.
    public var receiveQueues: UInt32?
    /// How the link makes its own IPv6 addresses. The kernel ignores it at creation.
    public var ipv6AddressGeneration: IPv6AddressGeneration?
    /// IPv4 sysctls of the link. The kernel ignores them at creation.
    public var ipv4: IPv4Settings?

    /// Nothing yet; set the properties that matter.
    public init(
        name: String? = nil, mtu: UInt32? = nil, macAddress: MACAddress? = nil, alias: String? = nil,
        group: UInt32? = nil, master: Int32? = nil, isUp: Bool? = nil, parent: Int32? = nil,
        namespace: NamespaceReference? = nil, transmitQueues: UInt32? = nil, receiveQueues: UInt32? = nil,
        ipv6AddressGeneration: IPv6AddressGeneration? = nil, ipv4: IPv4Settings? = nil
    ) {
        self.name = name
        self.mtu = mtu
        self.macAddress = macAddress
        self.alias = alias
        self.group = group
        self.master = master
        self.isUp = isUp
        self.parent = parent
        self.namespace = namespace
        self.transmitQueues = transmitQueues
        self.receiveQueues = receiveQueues
        self.ipv6AddressGeneration = ipv6AddressGeneration
        self.ipv4 = ipv4
    }

    /// Writes `struct ifinfomsg` and the attributes. A link that `reference` names is named in them.
    func encode(_ reference: LinkReference? = nil, into writer: inout MessageWriter) {
        var index: Int32 = 0
        if case .index(let number) = reference { index = number }
        LinkRequest.header(index: index, isUp: isUp, into: &writer)
        if case .name(let name) = reference {
            writer.attribute(IFLA_IFNAME, string: name)
        } else if let name {
            writer.attribute(IFLA_IFNAME, string: name)
        }
        if let mtu { writer.attribute(IFLA_MTU, mtu) }
        if let macAddress { writer.attribute(IFLA_ADDRESS, macAddress) }
        if let alias { writer.attribute(IFLA_IFALIAS, string: alias) }
        if let group { writer.attribute(IFLA_GROUP, group) }
        if let master { writer.attribute(IFLA_MASTER, master) }
        if let parent { writer.attribute(IFLA_LINK, parent) }
        if let transmitQueues { writer.attribute(IFLA_NUM_TX_QUEUES, transmitQueues) }
        if let receiveQueues { writer.attribute(IFLA_NUM_RX_QUEUES, receiveQueues) }
        switch namespace {
        case .descriptor(let descriptor): writer.attribute(IFLA_NET_NS_FD, descriptor)
        case .process(let process): writer.attribute(IFLA_NET_NS_PID, process)
        case nil: break
        }
        encodeFamilies(into: &writer)
    }

    private func encodeFamilies(into writer: inout MessageWriter) {
        guard ipv6AddressGeneration != nil || ipv4 != nil else { return }
        writer.nested(IFLA_AF_SPEC) { writer in
            if let ipv4 { writer.nested(Int(AddressFamily.ipv4)) { ipv4.encode(into: &$0) } }
            if let mode = ipv6AddressGeneration {
                writer.nested(Int(AddressFamily.ipv6)) { $0.attribute(IFLA_INET6_ADDR_GEN_MODE, mode.rawValue) }
            }
        }
    }
}
