import Model
import Netlink

/// What rtnetlink told of one network namespace, before it is made into objects.
struct NamespaceSnapshot: Sendable {
    var links: [LinkMessage] = []
    var addresses: [AddressMessage] = []
    var routes: [RouteMessage] = []
    /// The neighbours and forwarding entries of our vxlans.
    var neighbours: [NeighbourMessage] = []

    /// Nothing.
    init() {}

    /// Three dumps, each once.
    init(_ socket: NetlinkSocket) throws(NetlinkError) {
        links = try socket.links()
        addresses = try socket.addresses()
        routes = try socket.routes()
    }
}

/// A sandbox as seen: bound at its path, or only held by a living process.
struct SandboxSnapshot: Sendable {
    let container: String
    let isBound: Bool
    let namespace: NamespaceSnapshot
}
