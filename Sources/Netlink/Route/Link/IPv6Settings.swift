import CLinux

/// A link's IPv6 sysctls (`net.ipv6.conf.LINK.…`), as a link dump carries them. Netlink only reads these.
///
/// `IFLA_AF_SPEC` / `AF_INET6` / `IFLA_INET6_CONF`: an array of 32-bit values, in which `DEVCONF_…` of `linux/ipv6.h`
/// counts from 0.
public struct IPv6Settings: Hashable, Sendable {
    /// `forwarding`.
    public var forwarding: Int32?
    /// `disable_ipv6`.
    public var disabled: Int32?
    /// `accept_ra`: 2 accepts also while forwarding.
    public var acceptRouterAdvertisement: Int32?
    /// `autoconf`.
    public var autoconfiguration: Int32?
    /// `accept_dad`.
    public var acceptDuplicateDetection: Int32?
    /// `proxy_ndp`.
    public var proxyNDP: Int32?

    /// Nothing is known.
    public init() {}

    /// Reads the content of the `AF_INET6` attribute.
    init(_ value: RawSpan) {
        value.forEachAttribute { type, values in
            guard type == IFLA_INET6_CONF else { return }
            forwarding = values.i32(at: DEVCONF_FORWARDING * 4)
            disabled = values.i32(at: DEVCONF_DISABLE_IPV6 * 4)
            acceptRouterAdvertisement = values.i32(at: DEVCONF_ACCEPT_RA * 4)
            autoconfiguration = values.i32(at: DEVCONF_AUTOCONF * 4)
            acceptDuplicateDetection = values.i32(at: DEVCONF_ACCEPT_DAD * 4)
            proxyNDP = values.i32(at: DEVCONF_PROXY_NDP * 4)
        }
    }
}
