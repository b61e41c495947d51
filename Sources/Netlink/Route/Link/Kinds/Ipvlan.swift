import CLinux

/// A link that shares its parent's MAC and is told apart by its addresses: `IFLA_IPVLAN_…` of `linux/if_link.h`,
/// `drivers/net/ipvlan`. What it sits on is `IFLA_LINK`, which the kernel demands.
public struct Ipvlan: LinkKind {
    /// `ipvlan`.
    public static let kind = "ipvlan"

    /// How packets are handed on: `enum ipvlan_mode`. All links on one parent have the mode that was set last.
    public enum Mode: UInt16, Hashable, Sendable, CaseIterable {
        /// By a switch inside the kernel: neighbours are asked for as on Ethernet.
        case l2 = 0
        /// By routes: no broadcast, no multicast, no neighbours.
        case l3 = 1
        /// As l3, past the netfilter hooks and connection tracking of the parent's namespace.
        case l3s = 2
    }

    /// `IFLA_IPVLAN_MODE`; `nil`: not given, which the kernel takes for l3.
    public var mode: Mode?

    /// An ipvlan of a mode.
    public init(mode: Mode? = nil) { self.mode = mode }

    /// Reads the content of `IFLA_INFO_DATA`.
    init(_ data: RawSpan) {
        data.forEachAttribute { type, value in
            if type == IFLA_IPVLAN_MODE { mode = value.u16().flatMap(Mode.init) }
        }
    }

    /// Writes the mode.
    public func encode(into writer: inout MessageWriter) {
        if let mode { writer.attribute(IFLA_IPVLAN_MODE, mode.rawValue) }
    }
}
