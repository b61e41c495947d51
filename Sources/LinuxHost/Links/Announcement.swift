import Model
import Netlink

/// Tells the segment who has an address now: by a gratuitous ARP and an unsolicited neighbour advertisement for each
/// address of a link. Neighbours that remember another MAC, and bridges another port, learn at once.
///
/// The kernel itself sends them, where `arp_notify` and `ndisc_notify` are on: when a link comes up and when its MAC is
/// set (NETDEV_CHANGEADDR in net/ipv4/devinet.c and net/ipv6/ndisc.c), not when an address is added. So after that the
/// MAC is set once more, to what it is. A packet socket of ours would cost a wait for all the kernel's readers each.
enum Announcement {
    /// Turns it on for all links of a namespace that is ours alone, also for those where it was turned off (the kernel
    /// asks for either setting): that of the calling thread.
    ///
    /// It is no object, which would be compared and repaired: nothing depends on it between two changes of ours, not even
    /// for a link that others take down and up, since that is repaired from in here, too. So it is set whenever a sandbox
    /// is entered for a change; to look for it would be two files read in each sandbox in every pass.
    static func enableForAll() { enable("all") }

    /// Turns it on for a link of the calling thread's namespace. The setting goes with the link; where it cannot be made
    /// (a kernel without IPv6), neighbours learn when their own memory runs out.
    static func enable(_ link: String) {
        try? SmallFile.write("1", to: "/proc/sys/net/ipv4/conf/\(link)/arp_notify")
        try? SmallFile.write("1", to: "/proc/sys/net/ipv6/conf/\(link)/ndisc_notify")
    }

    /// Announces the addresses of some links. One that cannot set its MAC (an ipvlan shares its parent's) is passed over.
    static func send(_ links: [(link: LinkMessage, socket: NetlinkSocket)]) {
        for (socket, own) in Dictionary(grouping: links, by: { ObjectIdentifier($0.socket) }).values.map({
            ($0[0].socket, $0)
        }) {
            let requests = own.compactMap { entry in
                entry.link.macAddress.map {
                    LinkRequest.set(.index(entry.link.index), LinkAttributes(macAddress: $0))
                }
            }
            if !requests.isEmpty { _ = socket.transact(requests) }
        }
    }
}
