import Drivers
import Model
import Planning
import Testing

@testable import Agent

@Suite struct InspectTests {
    @Test func theContainersOfANetworkAreSortedByName() throws {
        let network = Network(metadata: Metadata(name: "front"), driver: "bridge")
        var facts = HostFacts()
        // By interface they would be c, a, b.
        for (name, interface) in [("a", "eth1"), ("b", "lan"), ("c", "eth0")] {
            facts.endpoints[EndpointKey(container: name, network: "front")] = EndpointFacts(interface: interface)
        }
        let desired = DesiredState(resources: ResourceSet(networks: [network]), facts: facts, set: "default")
        let look = Look(
            plan: Plan(), desired: desired, observation: Observation(), containers: [:], facts: facts)
        let report = try #require(InspectReport(look).json(.network("front")))
        #expect(report["containers"]?.members?.map(\.name) == ["a", "b", "c"])
    }

    /// What is used and what a new container may be given, also where ranges, reserved addresses and gateways overlap.
    @Test(
        arguments: [
            ("10.20.0.0/24", nil, nil, [], 3, 251), ("10.20.0.0/30", nil, nil, [], 3, 0),
            ("10.20.0.0/31", nil, nil, [], 2, 0), ("10.20.0.0/24", nil, "10.20.0.128/25", [], 3, 127),
            ("10.20.0.0/24", "10.20.0.200", "10.20.0.128/25", ["10.20.0.200", "10.20.0.201", "10.20.0.9"], 3, 125),
        ] as [(String, String?, String?, [String], Int, Int)])
    func usedAndFree(
        _ prefix: String, _ gateway: String?, _ range: String?, _ reserved: [String], _ used: Int, _ free: Int
    ) throws {
        let subnet = Subnet(
            prefix: try #require(IPPrefix(prefix)), gateway: gateway.flatMap { IPAddress($0) },
            range: range.flatMap { IPPrefix($0) }, reserved: reserved.compactMap { IPAddress($0) })
        let pool = try pool(subnet)
        // Two containers, outside a range that is stated; of a /31 there is room for one.
        let last: UInt32 = prefix.hasSuffix("/31") ? 1 : 2
        let addresses = (1...last).map {
            IPAddress(v4: 0x0a14_0000 + $0 + (last == 2 && prefix.hasSuffix("/24") ? 1 : 0))
        }
        let endpoints = addresses.filter { $0 != pool.gateway }.map { EndpointFacts(ipv4: $0) }
        let json = InspectReport.subnet(pool, endpoints)
        let expected = prefix.hasSuffix("/30") ? 2 : used
        #expect(json["used"]?.int == Int64(expected) && json["free"]?.int == Int64(free), "\(json.text())")
    }

    @Test func moreThanANumberHoldsIsTheLargestOne() throws {
        let pool = try pool(Subnet(prefix: try #require(IPPrefix("fd00::/64"))))
        let json = InspectReport.subnet(pool, [EndpointFacts(ipv6: IPAddress("fd00::5"))])
        #expect(json["used"]?.int == 2 && json["free"]?.int == .max)
        let small = try self.pool(Subnet(prefix: try #require(IPPrefix("fd00::/120"))))
        #expect(
            InspectReport.subnet(small, []).text()
                == #"{"subnet":"fd00::/120","gateway":"fd00::1","used":1,"free":254}"#)
    }

    @Test func anIsolatedNetworkHasNoGateway() throws {
        var network = Network(metadata: Metadata(name: "inner"))
        network.subnets = [Subnet(prefix: try #require(IPPrefix("10.20.0.0/24")))]
        network.internal = true
        network.bridge.gatewayMode = PerFamily(.isolated)
        let desired = DesiredState(resources: ResourceSet(networks: [network]), facts: HostFacts(), set: "default")
        let pool = try #require(desired.networks["inner"]?.pools.first)
        #expect(
            InspectReport.subnet(pool, []).text() == #"{"subnet":"10.20.0.0/24","gateway":null,"used":0,"free":254}"#)
    }

    private func pool(_ subnet: Subnet) throws -> ResolvedNetwork.Pool {
        let network = Network(metadata: Metadata(name: "front"), subnets: [subnet])
        let desired = DesiredState(resources: ResourceSet(networks: [network]), facts: HostFacts(), set: "default")
        return try #require(desired.networks["front"]?.pools.first)
    }
}
