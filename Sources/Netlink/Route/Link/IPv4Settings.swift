import CLinux

/// A link's IPv4 sysctls (`net.ipv4.conf.LINK.…`), as a link dump carries them: no file needs to be read.
///
/// `IFLA_AF_SPEC` / `AF_INET` / `IFLA_INET_CONF`: an array of 32-bit values, in which `IPV4_DEVCONF_…` of `linux/ip.h`
/// counts from 1.
public struct IPv4Settings: Hashable, Sendable {
    /// `forwarding`.
    public var forwarding: Int32?
    /// `route_localnet`.
    public var routeLocalnet: Int32?
    /// `rp_filter`: 0 off, 1 strict, 2 loose. What counts is the higher of this and `conf.all`.
    public var reversePathFilter: Int32?
    /// `proxy_arp`.
    public var proxyARP: Int32?
    /// `accept_local`.
    public var acceptLocal: Int32?
    /// `arp_ignore`.
    public var arpIgnore: Int32?
    /// `arp_announce`.
    public var arpAnnounce: Int32?

    /// Settings of which none is known.
    public init() {}

    /// Reads the content of the `AF_INET` attribute.
    init(_ value: RawSpan) {
        value.forEachAttribute { type, values in
            guard type == IFLA_INET_CONF else { return }
            func setting(_ number: Int) -> Int32? { values.i32(at: (number - 1) * 4) }
            forwarding = setting(IPV4_DEVCONF_FORWARDING)
            routeLocalnet = setting(IPV4_DEVCONF_ROUTE_LOCALNET)
            reversePathFilter = setting(IPV4_DEVCONF_RP_FILTER)
            proxyARP = setting(IPV4_DEVCONF_PROXY_ARP)
            acceptLocal = setting(IPV4_DEVCONF_ACCEPT_LOCAL)
            arpIgnore = setting(IPV4_DEVCONF_ARP_IGNORE)
            arpAnnounce = setting(IPV4_DEVCONF_ARP_ANNOUNCE)
        }
    }

    /// Writes those that are known: when set, the kernel wants one attribute each (`inet_set_link_af`).
    func encode(into writer: inout MessageWriter) {
        writer.nested(IFLA_INET_CONF) { writer in
            for (number, value) in [
                (IPV4_DEVCONF_FORWARDING, forwarding), (IPV4_DEVCONF_ROUTE_LOCALNET, routeLocalnet),
                (IPV4_DEVCONF_RP_FILTER, reversePathFilter), (IPV4_DEVCONF_PROXY_ARP, proxyARP),
                (IPV4_DEVCONF_ACCEPT_LOCAL, acceptLocal), (IPV4_DEVCONF_ARP_IGNORE, arpIgnore),
                (IPV4_DEVCONF_ARP_ANNOUNCE, arpAnnounce),
            ] {
                if let value { writer.attribute(number, value) }
            }
        }
    }
}
