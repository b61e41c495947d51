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
    /// `host` is where the peers of veths are.
    static func send(_ links: [(link: LinkMessage, socket: NetlinkSocket)], host: NetlinkSocket) async {
        await awaitWays(of: links, host)
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

    /// How long a link that has a carrier may be without a way for packets: the kernel looks after its links once a second
    /// at least (`linkwatch_nextevent` in net/core/link_watch.c).
    private static let patience = Duration.seconds(1)

    /// Waits until packets have a way out of the links, and through a veth's peer into the bridge.
    ///
    /// A link that was just brought up has its carrier at once, and its queue, and its port's forwarding, only when the
    /// kernel's link watch has run; what is sent before is dropped, and nobody is told. From Linux 6.8 on asking for the
    /// link runs the watch for it (facd15dfd691, `rtnl_getlink`), so that nothing is waited for there.
    private static func awaitWays(
        of links: [(link: LinkMessage, socket: NetlinkSocket)], _ host: NetlinkSocket
    ) async {
        let deadline = ContinuousClock.now + patience
        for (link, socket) in links {
            await awaitWay(link.index, socket, until: deadline)
            if link.kind == "veth", let peer = link.parent { await awaitWay(peer, host, until: deadline) }
        }
    }

    /// The state says what the watch has done; a link without a carrier, or without states, is not waited for.
    private static func awaitWay(_ index: Int32, _ socket: NetlinkSocket, until deadline: ContinuousClock.Instant) async
    {
        while let link = try? socket.link(.index(index)), link.hasCarrier, downStates.contains(link.operationalState),
            ContinuousClock.now < deadline
        { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// `IF_OPER_DOWN` and `IF_OPER_LOWERLAYERDOWN` of linux/if.h.
    private static let downStates: ClosedRange<UInt8> = 2...3
}
