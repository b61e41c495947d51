import CLinux

/// What a socket can be told about as it happens: `enum rtnetlink_groups` of `linux/rtnetlink.h`, and
/// `enum nfnetlink_groups` of `linux/netfilter/nfnetlink.h` for a netfilter socket.
public enum MulticastGroup: Sendable, CaseIterable {
    /// Links made, changed, removed.
    case link
    /// IPv4 addresses.
    case ipv4Address
    /// IPv6 addresses.
    case ipv6Address
    /// IPv4 routes.
    case ipv4Route
    /// IPv6 routes.
    case ipv6Route
    /// Neighbours and forwarding entries.
    case neighbour
    /// Ids of other namespaces.
    case namespaceID
    /// IPv4 settings of links: forwarding, reverse-path filtering.
    case ipv4Settings
    /// IPv6 settings of links.
    case ipv6Settings
    /// nftables, on a netfilter socket.
    case firewall

    var number: UInt32 {
        switch self {
        case .link: RTNLGRP_LINK.rawValue
        case .ipv4Address: RTNLGRP_IPV4_IFADDR.rawValue
        case .ipv6Address: RTNLGRP_IPV6_IFADDR.rawValue
        case .ipv4Route: RTNLGRP_IPV4_ROUTE.rawValue
        case .ipv6Route: RTNLGRP_IPV6_ROUTE.rawValue
        case .neighbour: RTNLGRP_NEIGH.rawValue
        case .namespaceID: RTNLGRP_NSID.rawValue
        case .ipv4Settings: RTNLGRP_IPV4_NETCONF.rawValue
        case .ipv6Settings: RTNLGRP_IPV6_NETCONF.rawValue
        case .firewall: NFNLGRP_NFTABLES.rawValue
        }
    }
}
