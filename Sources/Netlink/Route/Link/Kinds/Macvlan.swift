import CLinux

/// A link with a MAC of its own on another link's segment: `IFLA_MACVLAN_…` of `linux/if_link.h`,
/// `drivers/net/macvlan.c`. What it sits on is `IFLA_LINK`, which the kernel demands.
public struct Macvlan: LinkKind {
    /// `macvlan`.
    public static let kind = "macvlan"

    /// Who of the links on one parent reaches whom: `enum macvlan_mode`, one bit each.
    public enum Mode: UInt32, Hashable, Sendable, CaseIterable {
        /// Nobody.
        case `private` = 1
        /// Each other, by way of a switch outside that sends frames back (IEEE 802.1Qbg).
        case vepa = 2
        /// Each other, inside the kernel.
        case bridge = 4
        /// There is one link alone, and it has the parent's MAC.
        case passthru = 8
    }

    /// `IFLA_MACVLAN_MODE`; `nil`: not given, which the kernel takes for vepa.
    public var mode: Mode?

    /// A macvlan of a mode.
    public init(mode: Mode? = nil) { self.mode = mode }

    /// Reads the content of `IFLA_INFO_DATA`.
    init(_ data: RawSpan) {
        data.forEachAttribute { type, value in
            if type == IFLA_MACVLAN_MODE { mode = value.u32().flatMap(Mode.init) }
        }
    }

    /// Writes the mode.
    public func encode(into writer: inout MessageWriter) {
        if let mode { writer.attribute(IFLA_MACVLAN_MODE, mode.rawValue) }
    }
}
