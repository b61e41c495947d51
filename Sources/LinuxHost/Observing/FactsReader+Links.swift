import Drivers
import Model
import Netlink

extension FactsReader {
    /// Kinds of masters that take all that comes in by their ports: they hold the one handler that a link has for it
    /// (netdev_rx_handler_register in net/core/dev.c), which a macvlan or ipvlan needs as well.
    static let takers: Set<String> = ["bridge", "bond", "team", "openvswitch", "hsr"]

    /// The links of the host that are not of a set, by name.
    static func links(_ host: NamespaceSnapshot, _ set: String) -> [String: HostFacts.Link] {
        // Only a few of them are asked for another one.
        lazy var places = Dictionary(
            host.links.indices.map { (host.links[$0].index, $0) }, uniquingKeysWith: { first, _ in first })
        var links: [String: HostFacts.Link] = [:]
        for place in host.links.indices {
            // The ends of pairs are by far the most of our links, and nothing sits on them.
            if host.links[place].group == Mark.linkGroup, host.links[place].kind == "veth" { continue }
            let link = host.links[place]
            if isOf(set, link) { continue }
            let master = link.master.flatMap { places[$0] }.map { host.links[$0] }
            let sits = ["macvlan", "macvtap", "ipvlan", "ipvtap"].contains(link.kind ?? "")
            let below = sits && link.parentNamespaceID == nil ? link.parent.flatMap { places[$0] } : nil
            links[link.name] = HostFacts.Link(
                kind: link.kind ?? "", mtu: Int(link.mtu), isUp: link.isUp,
                isEthernet: link.hardwareType == 1 && !link.isLoopback,
                portOf: master.flatMap { takers.contains($0.kind ?? "") ? $0.name : nil },
                sitsOn: sits ? below.map { host.links[$0].name } ?? "" : nil)
        }
        return links
    }

    /// Ours by its mark; one that has only our group is half made, or its alias was overwritten.
    private static func isOf(_ set: String, _ link: LinkMessage) -> Bool {
        if let mark = link.alias.flatMap({ Mark(alias: $0) }) { return mark.set == set }
        return link.group == Mark.linkGroup
    }
}
