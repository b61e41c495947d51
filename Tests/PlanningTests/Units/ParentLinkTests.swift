import Model
import Testing

@testable import Drivers

@Suite struct ParentLinkTests {
    @Test(arguments: [("eth0.10", "eth0", 10), ("eth0.1.4094", "eth0.1", 4094), ("bond0.1", "bond0", 1)])
    func readsAVLANsName(_ name: String, _ base: String, _ id: Int) throws {
        let vlan = try #require(VLANName(name))
        #expect(vlan.base == base && vlan.id == id && vlan.description == name)
    }

    @Test(arguments: ["eth0", "eth0.", ".10", "eth0.0", "eth0.4095", "eth0.010", "eth0.+1", "eth0.ten", "eth0.10.", ""])
    func otherNamesAreLinks(_ name: String) { #expect(VLANName(name) == nil) }

    @Test func aVLANIsMadeOnlyWhereThereIsNone() {
        let network = Network(metadata: Metadata(name: "lan"), driver: "macvlan")
        var facts = HostFacts()
        func parent(_ name: String?) -> ParentLink { .of(network, named: name, prefix: "mv", facts) }
        #expect(parent("eth0.10") == .vlan(VLANName("eth0.10")!))
        facts.links = ["eth0": HostFacts.Link(), "eth0.10": HostFacts.Link(kind: "vlan")]
        #expect(parent("eth0.10") == .existing("eth0.10"))
        #expect(parent("eth0.11") == .vlan(VLANName("eth0.11")!))
        #expect(parent("eth1") == .existing("eth1"))
        #expect(parent(nil) == .standIn("mv-lan"))
    }

    @Test func namesFitTheKernel() {
        let long = ParentLink.standInName("a-very-long-network", "mv")
        #expect(long.utf8.count == 15 && long.hasPrefix("mv-a-very"))
        #expect(ParentLink.standInName("twelve-bytes", "mv") == "mv-twelve-bytes")
    }

    @Test func whichLinksNetworksSitOn() {
        var lan = Network(metadata: Metadata(name: "lan"), driver: "macvlan")
        lan.macvlan.parent = "eth0.10"
        var routed = Network(metadata: Metadata(name: "routed"), driver: "ipvlan")
        routed.ipvlan.parent = "eth1"
        // Options of a driver that the network does not have say nothing.
        routed.macvlan.parent = "eth9"
        let front = Network(metadata: Metadata(name: "front"))
        #expect(DriverRegistry.parents([lan, routed, front]) == ["eth0.10", "eth0", "eth1"])
        #expect(DriverRegistry.linkKinds([lan, routed, front], HostFacts()) == ["macvlan", "vlan", "ipvlan"])
        #expect(DriverRegistry.linkKinds([front], HostFacts()) == [])
    }
}
