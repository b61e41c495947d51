import Drivers
import Model
import Netlink
import Planning
import Testing

@testable import LinuxHost

@Suite struct FactsReaderTests {
    private func element(_ set: String, _ bridge: String, _ prefix: String, _ owner: ResourceID) -> KernelObject {
        KernelObject(FirewallElement(set: set, key: [bridge, prefix]).id, owner: owner)
    }

    /// The bridge of an isolated network has no address: what it has is seen in the firewall.
    @Test func subnetsOfNetworksWithoutAnAddress() throws {
        let observation = Observation(objects: [
            element("subnets4", "br-back", "172.18.0.0/16", .network("back")),
            element("subnets6", "br-back", "fd00:1::/64", .network("back")),
            KernelObject(FirewallElement(set: "bridges", key: ["br-back"]).id, owner: .network("back")),
            // Somebody else's, without a comment that names a network.
            element("subnets4", "br-x", "172.19.0.0/16", .host("firewall")),
        ])
        var facts = HostFacts()
        FactsReader.readSubnets(observation, into: &facts)
        #expect(facts.subnets == ["back": [IPPrefix("172.18.0.0/16")!, IPPrefix("fd00:1::/64")!]])
    }

    /// What the bridge shows is what is so; the firewall only adds the family that it does not show.
    @Test func theBridgesOwnAddressComesFirst() throws {
        let observation = Observation(objects: [
            element("subnets4", "br-front", "10.9.0.0/24", .network("front")),
            element("subnets6", "br-front", "fd00:1::/64", .network("front")),
        ])
        var facts = HostFacts()
        facts.subnets["front"] = [IPPrefix("10.20.0.0/24")!]
        FactsReader.readSubnets(observation, into: &facts)
        #expect(facts.subnets == ["front": [IPPrefix("10.20.0.0/24")!, IPPrefix("fd00:1::/64")!]])
    }

    /// What a network could sit on, and why not.
    @Test func linksThatAreNotOurs() {
        func link(_ name: String, _ index: Int32, _ change: (inout LinkMessage) -> Void = { _ in }) -> LinkMessage {
            Notices.link(name, index: index) {
                $0.hardwareType = 1
                $0.mtu = 1500
                $0.flags = Notices.isUp
                change(&$0)
            }
        }
        var host = NamespaceSnapshot()
        host.links = [
            link("eth0", 2) { $0.mtu = 9000 }, link("eth1", 3) { $0.master = 4 },
            link("br0", 4) { $0.kind = "bridge" }, link("in-vrf", 5) { $0.master = 6 },
            link("red", 6) { $0.kind = "vrf" },
            link("wg0", 7) { ($0.hardwareType, $0.kind, $0.flags) = (65534, "wireguard", 0) },
            link("mac0", 8) { ($0.kind, $0.parent) = ("macvlan", 2) },
            link("far0", 9) { ($0.kind, $0.parent, $0.parentNamespaceID) = ("ipvlan", 2, 1) },
            link("eth0.10", 10) { ($0.kind, $0.alias) = ("vlan", "reconcile:1 default host/eth0.10") },
            link("eth0.20", 11) { ($0.kind, $0.alias) = ("vlan", "reconcile:1 staging host/eth0.20") },
            link("eth0.30", 12) { ($0.kind, $0.group) = ("vlan", Mark.linkGroup) },
            link("veth1", 13) { ($0.kind, $0.group) = ("veth", Mark.linkGroup) },
        ]
        #expect(
            FactsReader.links(host, "default") == [
                "eth0": .init(mtu: 9000), "eth1": .init(portOf: "br0"), "br0": .init(kind: "bridge"), "in-vrf": .init(),
                "red": .init(kind: "vrf"), "wg0": .init(kind: "wireguard", isUp: false, isEthernet: false),
                "mac0": .init(kind: "macvlan", sitsOn: "eth0"), "far0": .init(kind: "ipvlan", sitsOn: ""),
                // Of another set: used as it is, never removed.
                "eth0.20": .init(kind: "vlan"),
            ])
    }

    /// The answer is the same before and after we set what it leads to.
    @Test func linksThatHeedRouters() {
        func link(_ name: String, _ index: Int32, _ accepts: Int32?, _ change: (inout LinkMessage) -> Void = { _ in })
            -> LinkMessage
        {
            Notices.link(name, index: index) {
                $0.flags = Notices.isUp
                var settings = IPv6Settings()
                settings.disabled = 0
                settings.acceptRouterAdvertisement = accepts
                $0.ipv6 = accepts == nil ? nil : settings
                change(&$0)
            }
        }
        let links = [
            link("one", 2, 1), link("two", 3, 2), link("never", 4, 0), link("no-ipv6", 5, nil),
            link("down", 6, 1) { $0.flags = 0 }, link("off", 7, 1) { $0.ipv6?.disabled = 1 },
            link("br0", 8, 1) { $0.kind = "bridge" }, link("port", 9, 1) { $0.master = 8 },
            link("red", 10, 0) { $0.kind = "vrf" }, link("in-vrf", 11, 1) { $0.master = 10 },
            link("cali1", 12, 1) { $0.kind = "veth" }, link("eth0", 13, 1) { $0.kind = "veth" },
            link("ours", 14, 1), link("other-set", 15, 1) { $0.group = Mark.linkGroup },
        ]
        func found(_ former: [String: String], forwarding: String?, _ links: [LinkMessage]) -> [String] {
            Advertisements(former: former, forwarding: forwarding).links(links, uplinks: ["eth0"]) { $0 == "ours" }
        }
        let all = ["one", "two", "br0", "in-vrf", "eth0"]
        #expect(found([:], forwarding: "0", links) == all)
        #expect(found([:], forwarding: nil, links) == all)
        // Who forwards already heeds them with 2 alone, and that is the user's own affair.
        #expect(found([:], forwarding: "1", links) == ["two"])
        // What we set.
        let after = links.map { link in
            var link = link
            if all.contains(link.name) { link.ipv6?.acceptRouterAdvertisement = 2 }
            return link
        }
        var former = [Advertisements.forwarding: "0"]
        for name in all where name != "two" { former[Advertisements.acceptance(name)] = "1" }
        #expect(found(former, forwarding: "1", after) == all)
        // One that came later, one that somebody else set back, and one that was off before us.
        #expect(found(former, forwarding: "1", links) == all)
        former[Advertisements.acceptance("one")] = "0"
        #expect(found(former, forwarding: "1", after) == Array(all.dropFirst()))
    }

    /// Only the links that networks sit on count as surroundings, and of those not our own.
    @Test func surroundingsKnowParentsAlone() {
        var facts = HostFacts()
        facts.links = ["eth0": .init(), "eth9": .init()]
        let before = Surroundings(facts, parents: ["eth0", "eth0.10"], flows: [])
        facts.links?["eth9"] = nil
        #expect(Surroundings(facts, parents: ["eth0", "eth0.10"], flows: []) == before)
        facts.links?["eth0"]?.mtu = 1400
        #expect(Surroundings(facts, parents: ["eth0", "eth0.10"], flows: []) != before)
        facts.links = [:]
        #expect(Surroundings(facts, parents: ["eth0", "eth0.10"], flows: []) != before)
    }

    /// A bridge that stands in for a parent must have a carrier; of any other it is its ports' affair.
    @Test func carriersWakeNobodyButForStandIns() {
        let links = LinkObjects(set: "default", hostNames: [:], others: .none(but: "default"))
        let reading = NoticeReading(links: links, names: [:])
        for (role, expected) in [(nil, NoticeMeaning.known), (Mark.standIn, .news)] as [(String?, NoticeMeaning)] {
            let alias = Mark(set: "default", resource: .network("lab"), role: role).alias
            func message(_ flags: UInt32) -> LinkMessage {
                Notices.link("x", index: 5) {
                    ($0.kind, $0.alias, $0.flags, $0.group) = ("bridge", alias, flags, Mark.linkGroup)
                }
            }
            let lowerUp: UInt32 = 1 << 16
            let seen = message(Notices.isUp | lowerUp)
            let known = Observation(objects: [links.hostLink(seen, links.ownership(seen).1, inner: nil)])
            func meaning(_ message: LinkMessage) -> NoticeMeaning {
                reading.meaning(of: KernelNews.Notice(container: nil, event: .link(message)), known)
            }
            #expect(meaning(seen) == .known)
            #expect(meaning(message(Notices.isUp)) == expected, "\(role ?? "")")
        }
    }
}
