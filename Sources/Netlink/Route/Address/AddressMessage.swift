import CLinux
import Model

/// An address on a link: `RTM_NEWADDR`, `struct ifaddrmsg` and `IFA_…` of `linux/if_addr.h`.
public struct AddressMessage: Hashable, Sendable {
    /// The link.
    public var index: Int32
    /// The link's own address, and the prefix that is reached through it.
    public var address: IPPrefix
    /// The other end's address, on a point-to-point link.
    public var peer: IPAddress?
    /// `IFA_BROADCAST`.
    public var broadcast: IPAddress?
    /// Where the address is valid.
    public var scope: RouteScope
    /// `IFA_F_…`.
    public var flags: AddressFlags
    /// Who added it (`IFA_PROTO`): 0 unknown, 1 to 3 the kernel, others as `rt_protos` has them.
    public var protocolNumber: UInt8 = 0

    static let fixedSize = MemoryLayout<ifaddrmsg>.size

    /// Reads what follows the message header; `nil` where it is too short, has no address, or is not of IPv4 or IPv6.
    public init?(_ payload: RawSpan) {
        guard let family = payload.u8().flatMap(AddressFamily.family), let length = payload.u8(at: 1),
            let flags = payload.u8(at: 2), let scope = payload.u8(at: 3), let index = payload.i32(at: 4)
        else { return nil }
        var bits = UInt32(flags)
        var local: IPAddress?
        var remote: IPAddress?
        var broadcast: IPAddress?
        var protocolNumber: UInt8 = 0
        payload.forEachAttribute(from: Self.fixedSize) { type, value in
            switch type {
            case IFA_LOCAL: local = value.address
            case IFA_ADDRESS: remote = value.address
            case IFA_BROADCAST: broadcast = value.address
            case IFA_FLAGS: bits = value.u32() ?? bits
            case IFA_PROTO: protocolNumber = value.u8() ?? 0
            default: break
            }
        }
        guard let own = local ?? remote, own.family == family else { return nil }
        self.index = index
        self.address = IPPrefix(own, length: Int(length))
        self.peer = local != nil && remote != local ? remote : nil
        self.broadcast = broadcast
        self.scope = RouteScope(rawValue: scope)
        self.flags = AddressFlags(rawValue: bits)
        self.protocolNumber = protocolNumber
    }
}
