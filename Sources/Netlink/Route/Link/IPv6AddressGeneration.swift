/// How a link makes its own IPv6 addresses: `enum in6_addr_gen_mode` of `linux/if_link.h`.
public enum IPv6AddressGeneration: UInt8, Hashable, Sendable {
    /// From the MAC.
    case eui64 = 0
    /// Not at all.
    case none = 1
    /// RFC 7217, from a secret.
    case stablePrivacy = 2
    /// RFC 7217, from a random secret.
    case random = 3
}
