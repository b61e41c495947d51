import CLinux

/// `IFA_F_…` of `linux/if_addr.h`.
public struct AddressFlags: OptionSet, Hashable, Sendable {
    /// The bits as the kernel has them.
    public let rawValue: UInt32

    /// Flags from their bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// IPv4: not the first of its subnet on the link. IPv6: temporary.
    public static let secondary = AddressFlags(rawValue: UInt32(IFA_F_SECONDARY))
    /// No duplicate address detection.
    public static let noDuplicateDetection = AddressFlags(rawValue: UInt32(IFA_F_NODAD))
    /// Somebody else has it.
    public static let duplicate = AddressFlags(rawValue: UInt32(IFA_F_DADFAILED))
    /// Past its preferred lifetime.
    public static let deprecated = AddressFlags(rawValue: UInt32(IFA_F_DEPRECATED))
    /// Duplicate address detection is under way.
    public static let tentative = AddressFlags(rawValue: UInt32(IFA_F_TENTATIVE))
    /// Has no end of life.
    public static let permanent = AddressFlags(rawValue: UInt32(IFA_F_PERMANENT))
    /// The kernel adds no route to the prefix.
    public static let noPrefixRoute = AddressFlags(rawValue: UInt32(IFA_F_NOPREFIXROUTE))
}
