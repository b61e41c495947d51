import Drivers
import Model
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
}
