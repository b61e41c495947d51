import CLinux

/// `NTF_…` of `linux/neighbour.h`.
public struct NeighbourFlags: OptionSet, Hashable, Sendable {
    /// The bits as the kernel has them.
    public let rawValue: UInt8

    /// Flags from their bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Belongs to the link itself: a vxlan's entry.
    public static let own = NeighbourFlags(rawValue: UInt8(NTF_SELF))
    /// Belongs to the bridge that the link is a port of.
    public static let master = NeighbourFlags(rawValue: UInt8(NTF_MASTER))
    /// Answered for by this host.
    public static let proxy = NeighbourFlags(rawValue: UInt8(NTF_PROXY))
    /// Learned by somebody outside the kernel.
    public static let externallyLearned = NeighbourFlags(rawValue: UInt8(NTF_EXT_LEARNED))
}
