import Model
import Testing

@testable import Drivers

@Suite struct OverlayDriverTests {
    private func network(_ name: String, vni: Int? = nil) -> Network {
        var network = Network(metadata: Metadata(name: name), driver: "overlay")
        network.overlay.vni = vni
        return network
    }

    private func fleet(_ tunnels: [String: String] = ["n1": "192.0.2.1", "n2": "192.0.2.2"]) -> HostFacts {
        var facts = HostFacts()
        facts.fleet = FleetFacts(
            node: "n1",
            nodes: tunnels.sorted { $0.key < $1.key }.compactMap { name, address in
                IPAddress(address).map { FleetFacts.Node(name: name, tunnel: $0) }
            })
        return facts
    }

    private func desired(_ networks: [Network], _ facts: HostFacts) -> DesiredState {
        DesiredState(resources: ResourceSet(networks: networks, containers: []), facts: facts, set: "default")
    }

    @Test func namesFitTheKernelAndDiffer() {
        #expect(OverlayNames.vxlan("over") == "vx-over" && OverlayNames.vxlan("twelve-bytes") == "vx-twelve-bytes")
        let long = ["a-very-long-network", "a-very-long-netzwerk"].map(OverlayNames.vxlan)
        #expect(long.allSatisfy { $0.utf8.count == 15 && $0.hasPrefix("vx-a-very") } && long[0] != long[1])
    }

    @Test func theNumberIsGivenOrClaimedOrFollowsFromTheName() {
        var facts = fleet()
        let hashed = OverlayNames.vni(network("over"), facts)
        #expect((4096..<1 << 24).contains(hashed) && hashed == OverlayNames.vni(network("over"), HostFacts()))
        facts.fleet?.vnis["over"] = 5000
        #expect(OverlayNames.vni(network("over"), facts) == 5000)
        #expect(OverlayNames.vni(network("over", vni: 4097), facts) == 4097)
    }

    @Test func twoNetworksWithOneNumberAreAnError() {
        let state = desired([network("a", vni: 4097), network("b", vni: 4097), network("c", vni: 4098)], HostFacts())
        let found = state.diagnostics.filter { $0.code == "duplicate-vni" }
        #expect(found.map(\.resource) == [.network("b")])
    }

    /// Each node's bridge has a MAC of its own: a frame to one that all have would be taken by the wrong node.
    @Test func bridgesOfNodesDiffer() throws {
        func mac(_ node: String, _ ingress: String?) -> String? {
            var facts = fleet()
            facts.fleet?.node = node
            if let ingress { facts.fleet?.ingress["over"] = [ingress].compactMap { IPAddress($0) } }
            var over = network("over")
            over.subnets = [Subnet(prefix: IPPrefix(IPAddress(v4: 0x0a32_0000), length: 24))]
            return desired([over], facts).objects.first { $0.id == .link("br-over") }?.string(.mac)
        }
        #expect(mac("n1", nil) != mac("n2", nil))
        // It stays as it was when the node gets an address of its own.
        #expect(mac("n1", "10.50.0.201") == mac("n1", nil))
    }

    @Test func theSubnetFollowsFromTheNameOnEveryNode() {
        func subnet(_ facts: HostFacts) -> IPPrefix? {
            desired([network("over")], facts).networks["over"]?.pools.first?.prefix
        }
        var other = fleet()
        other.subnets["over"] = [IPPrefix(IPAddress(v4: 0x0a01_0200), length: 24)]
        other.routes = [HostFacts.Route(IPPrefix(IPAddress(v4: 0xac11_0000), length: 16))]
        let chosen = subnet(fleet())
        #expect(chosen != nil && chosen == subnet(other) && chosen == subnet(HostFacts()))
        #expect(
            chosen.map { IPPrefix(IPAddress(v4: 10 << 24), length: 8).contains($0.first) && $0.length == 24 } == true)
        // Without a fleet nobody has to agree: it goes round what is taken.
        var alone = HostFacts()
        alone.routes = [chosen].compactMap { $0.map { HostFacts.Route($0) } }
        #expect(subnet(alone) != nil && subnet(alone) != chosen)
        var taken = fleet()
        taken.routes = alone.routes
        #expect(desired([network("over")], taken).diagnostics.map(\.code) == ["subnet-taken"])
        // Another set's network may be one that no route tells of.
        var shared = fleet()
        shared.subnetsOfOtherSets = [chosen].compactMap {
            $0.map { SubnetOfAnotherSet(set: "blue", resource: .network("shop"), prefix: $0, link: "br-shop") }
        }
        let said = desired([network("over")], shared).diagnostics
        #expect(said.map(\.code) == ["subnet-taken"] && said[0].message.contains("network/shop of set blue"))
    }

    @Test func nodesOfAnotherFamilyAreTold() {
        let state = desired([network("over")], fleet(["n1": "192.0.2.1", "n2": "2001:db8::2"]))
        #expect(state.diagnostics.map(\.code) == ["tunnel-family"] && state.diagnostics[0].severity == .warning)
    }

    /// Planning 10,000 endpoints is as much work an endpoint as planning 1,000.
    @Test func entriesOfManyEndpoints() {
        var facts = fleet()
        var over = network("over")
        over.subnets = [Subnet(prefix: IPPrefix(IPAddress(v4: 0x0a32_0000), length: 16))]
        facts.fleet?.remote["over"] = (256..<10_256).map { number in
            let address = IPAddress(v4: 0x0a32_0000 | UInt32(number))
            return FleetFacts.RemoteEndpoint(
                container: "c\(number)", node: "n2", addresses: [address], mac: MACAddress(derivedFrom: address))
        }
        let kinds = desired([over], facts).objects.map(\.id.kind)
        #expect(kinds.count { $0 == .neighbour } == 10_000 && kinds.count { $0 == .forwarding } == 10_000)
    }
}
