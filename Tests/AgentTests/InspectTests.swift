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

    @Test func countsBeyond64BitsAreExact() throws {
        let pool = try pool(Subnet(prefix: try #require(IPPrefix("fd00::/64"))))
        #expect(
            InspectReport.subnet(pool, [EndpointFacts(ipv6: IPAddress("fd00::5"))]).text()
                == #"{"subnet":"fd00::/64","gateway":"fd00::1","used":2,"free":18446744073709551613}"#)
        let small = try self.pool(Subnet(prefix: try #require(IPPrefix("fd00::/120"))))
        #expect(
            InspectReport.subnet(small, []).text()
                == #"{"subnet":"fd00::/120","gateway":"fd00::1","used":1,"free":254}"#)
    }

    private func look(_ facts: HostFacts, _ observed: [KernelObject] = [], restart: RestartPolicy = .always) -> Look {
        var web = Container(
            metadata: Metadata(name: "web"), image: .registry("x"), networks: [Attachment(network: "none")])
        web.restart = restart
        let desired = DesiredState(resources: ResourceSet(containers: [web]), facts: facts, set: "default")
        var observation = Observation()
        for object in observed { observation.insert(object) }
        return Look(plan: Plan(), desired: desired, observation: observation, containers: [:], facts: facts)
    }

    /// Where its network routes, a port is open at the container's own address.
    @Test func portsOfARoutedNetwork() throws {
        let owner = ResourceID.container("web")
        let opened = [
            KernelObject(FirewallElement(set: "open4", key: ["10.20.0.2", "tcp", "80"]).id, owner: owner),
            KernelObject(FirewallElement(set: "open6", key: ["fd00:20::2", "tcp", "80"]).id, owner: owner),
            KernelObject(
                FirewallElement(set: "open4", key: ["10.20.0.3", "tcp", "80"]).id, owner: .container("other")),
        ]
        var facts = HostFacts()
        facts.publishedPorts["web"] = [
            PublishedPort(address: nil, family: .ipv4, host: 5353, container: 53, transport: .udp)
        ]
        let ports = InspectReport(look(facts, opened)).ports("web")
        #expect(
            ports.map { "\($0.container)/\($0.transport.rawValue) \($0.hostAddress) \($0.host)" }
                == ["53/udp 0.0.0.0 5353", "80/tcp 10.20.0.2 80", "80/tcp fd00:20::2 80"])
    }

    /// One gateway a family.
    @Test func bothGateways() throws {
        var facts = HostFacts()
        facts.endpoints[EndpointKey(container: "web", network: "front")] = EndpointFacts(
            interface: "eth0", ipv4: IPAddress("10.20.0.2"), ipv6: IPAddress("fd00:20::2"))
        func route(_ family: IPAddress.Family, _ via: String) -> KernelObject {
            KernelObject(
                .route(ObjectID.defaultRoute(family), on: "eth0", in: "web"), owner: .container("web"),
                fields: [Field(.via, .string(via))])
        }
        let both = look(facts, [route(.ipv4, "10.20.0.1"), route(.ipv6, "fd00:20::1")])
        let endpoint = try #require(InspectReport(both).json(.container("web"))?["endpoints"]?.array?.first)
        #expect(endpoint["gateway"]?.string == "10.20.0.1" && endpoint["ipv6Gateway"]?.string == "fd00:20::1")
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
