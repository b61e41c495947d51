import CLinux
import Model

/// A neighbour, or a forwarding entry of a bridge or vxlan: `RTM_NEWNEIGH`, `struct ndmsg` and `NDA_…` of
/// `linux/neighbour.h`.
public struct NeighbourMessage: Hashable, Sendable {
    /// The link: for a forwarding entry the bridge's port or the vxlan.
    public var index: Int32
    /// True for a forwarding entry (`AF_BRIDGE`), false for a neighbour.
    public var isForwarding: Bool
    /// `NUD_…`: 0x80 is permanent, 0x40 needs no resolving.
    public var state: UInt16
    /// `NTF_…`.
    public var flags: NeighbourFlags
    /// The neighbour's address; in a vxlan's forwarding entry the remote tunnel endpoint.
    public var destination: IPAddress?
    /// The neighbour's link-layer address.
    public var macAddress: MACAddress?
    /// The bridge that the port belongs to.
    public var master: Int32?
    /// The VLAN of a bridge's entry.
    public var vlan: UInt16?
    /// The vxlan's remote UDP port.
    public var port: UInt16?
    /// The vxlan's remote network identifier, where it is not the link's own.
    public var vni: UInt32?
    /// Who made it (`NDA_PROTOCOL`).
    public var protocolNumber: UInt8 = 0

    /// `NUD_PERMANENT`: stays until removed.
    public var isPermanent: Bool { state & UInt16(NUD_PERMANENT) != 0 }

    /// A bridge's entry that somebody made, and that neither ages nor is of the bridge's own host.
    public var isStatic: Bool { state == UInt16(NUD_NOARP) }

    static let fixedSize = MemoryLayout<ndmsg>.size

    /// Reads what follows the message header; `nil` where it is too short or of another family.
    public init?(_ payload: RawSpan) {
        guard payload.byteCount >= Self.fixedSize, let family = payload.u8(), let index = payload.i32(at: 4),
            let state = payload.u16(at: 8), let flags = payload.u8(at: 10)
        else { return nil }
        isForwarding = Int32(family) == AddressFamily.bridge
        guard isForwarding || AddressFamily.family(family) != nil else { return nil }
        self.index = index
        self.state = state
        self.flags = NeighbourFlags(rawValue: flags)
        payload.forEachAttribute(from: Self.fixedSize) { type, value in
            switch type {
            case NDA_DST: destination = value.address
            case NDA_LLADDR: macAddress = value.macAddress
            case NDA_MASTER: master = value.i32()
            case NDA_VLAN: vlan = value.u16()
            case NDA_PORT: port = value.be16()
            case NDA_VNI: vni = value.u32()
            case NDA_PROTOCOL: protocolNumber = value.u8() ?? 0
            default: break
            }
        }
    }
}
