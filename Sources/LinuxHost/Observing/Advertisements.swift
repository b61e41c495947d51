import Model
import Netlink

/// Tells on which links the host heeds router advertisements, or did before we let it forward.
///
/// The kernel heeds them on a link with `accept_ra` 1 where that does not forward, and with 2 in any case
/// (ipv6_accept_ra in include/net/ipv6.h). Once we changed either setting, the value that is remembered counts: so the
/// answer is the same before and after, and whether a route of a router stands just now does not matter to it.
struct Advertisements {
    static let forwarding = "net/ipv6/conf/all/forwarding"

    static func acceptance(_ link: String) -> String { "net/ipv6/conf/\(link)/accept_ra" }

    /// What settings were before we changed them, by path.
    private let former: [String: String]
    /// Whether the host forwarded without us.
    private let forwarded: Bool

    /// What `memory` has of these settings, and the kernel.
    init(_ memory: SysctlMemory) {
        self.init(
            former: memory.entries().mapValues(\.original), forwarding: SmallFile.read("/proc/sys/\(Self.forwarding)"))
    }

    /// Of given settings. `forwarding` is what that of the host is now.
    init(former: [String: String], forwarding: String?) {
        self.former = former
        forwarded = (former[Self.forwarding] ?? forwarding ?? "0") != "0"
    }

    /// The names of these links, in the order of the dump.
    func links(_ all: [LinkMessage], uplinks: Set<String>, _ isOurs: (String) -> Bool) -> [String] {
        lazy var kinds = Dictionary(all.map { ($0.index, $0.kind ?? "") }, uniquingKeysWith: { first, _ in first })
        return all.compactMap { link in
            guard !link.isLoopback, link.isUp, link.group != Mark.linkGroup, let settings = link.ipv6,
                settings.disabled == 0, heeds(link.name, settings), !isOurs(link.name)
            else { return nil }
            // What comes in by a port is its master's.
            if let master = link.master, FactsReader.takers.contains(kinds[master] ?? "") { return nil }
            // A pair of others without an address leads to one of their containers, not out.
            return link.kind == "veth" && !uplinks.contains(link.name) ? nil : link.name
        }
    }

    private func heeds(_ link: String, _ settings: IPv6Settings) -> Bool {
        switch former[Self.acceptance(link)] ?? settings.acceptRouterAdvertisement.map({ "\($0)" }) {
        case "2": true
        case "1": !forwarded
        default: false
        }
    }
}
