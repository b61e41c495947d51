import CLinux

/// The part of a link's traffic that is tagged with one number (IEEE 802.1Q): `IFLA_VLAN_…` of `linux/if_link.h`,
/// `net/8021q`. What it sits on is `IFLA_LINK`, which the kernel demands.
public struct VLAN: LinkKind {
    /// `vlan`.
    public static let kind = "vlan"

    /// `IFLA_VLAN_ID`: 0 to 4,094; 0 says that only the priority is tagged.
    public var id: UInt16

    /// A VLAN by its number.
    public init(id: UInt16) { self.id = id }

    /// Reads the content of `IFLA_INFO_DATA`; `nil` where it names no number.
    init?(_ data: RawSpan) {
        var found: UInt16?
        data.forEachAttribute { type, value in
            if type == IFLA_VLAN_ID { found = value.u16() }
        }
        guard let found else { return nil }
        id = found
    }

    /// Writes the number.
    public func encode(into writer: inout MessageWriter) { writer.attribute(IFLA_VLAN_ID, id) }
}
