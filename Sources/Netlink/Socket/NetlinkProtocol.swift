import CLinux

/// Which part of the kernel a netlink socket speaks to (`linux/netlink.h`).
public enum NetlinkProtocol: Sendable {
    /// Links, addresses, routes, neighbours: `NETLINK_ROUTE`.
    case route
    /// Connection tracking and nftables: `NETLINK_NETFILTER`.
    case netfilter
    /// Sockets of the namespace: `NETLINK_SOCK_DIAG`.
    case socketDiagnostics

    var number: Int32 {
        switch self {
        case .route: NETLINK_ROUTE
        case .netfilter: NETLINK_NETFILTER
        case .socketDiagnostics: NETLINK_SOCK_DIAG
        }
    }
}
