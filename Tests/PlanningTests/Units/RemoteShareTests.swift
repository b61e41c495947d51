import Model
import Testing

@testable import Drivers

/// What follows from endpoints on other nodes by itself is what deriving all anew comes to.
@Suite struct RemoteShareTests {
    private typealias Remote = FleetFacts.RemoteEndpoint

    private static func address(_ number: UInt32) -> IPAddress { IPAddress(v4: 0x0a32_0000 + number) }

    private func endpoint(
        _ container: String?, _ node: String, _ number: UInt32, aliases: [String] = [], isReady: Bool = true
    ) -> Remote {
        Remote(
            container: container, node: node, addresses: [Self.address(number)],
            mac: MACAddress(derivedFrom: Self.address(number)), aliases: aliases, isReady: isReady)
    }

    private var resources: ResourceSet {
        var over = Network(metadata: Metadata(name: "over"), driver: "overlay")
        over.subnets = [Subnet(prefix: IPPrefix(IPAddress(v4: 0x0a32_0000), length: 24))]
        let web = Container(
            metadata: Metadata(name: "web"), image: .registry("x"), networks: [Attachment(network: "over")])
        let template = Container(
            metadata: Metadata(name: "pinger"), image: .registry("x"), networks: [Attachment(network: "over")])
        let port = PortMapping(host: 9090...9090, container: 80)
        return ResourceSet(
            networks: [over], containers: [web],
            services: [
                Service(
                    metadata: Metadata(name: "pinger"), replicas: 4, template: template,
                    ports: [ServicePort(port), ServicePort(PortMapping(host: 9091...9091, container: 80), mode: .host)])
            ])
    }

    private func facts(_ remote: [Remote]) -> HostFacts {
        var facts = HostFacts()
        var fleet = FleetFacts(
            node: "n1",
            nodes: (1...3).map { FleetFacts.Node(name: "n\($0)", tunnel: IPAddress(v4: 0xc000_0200 + UInt32($0))) })
        fleet.claimed[EndpointKey(container: "web", network: "over")] = EndpointFacts(ipv4: Self.address(20))
        fleet.claimed[EndpointKey(container: "pinger.1", network: "over")] = EndpointFacts(ipv4: Self.address(21))
        fleet.replicas["pinger"] = [1]
        fleet.remote["over"] = remote.sorted(by: FleetFacts.precedes)
        facts.fleet = fleet
        return facts
    }

    private func derive(_ facts: HostFacts) -> DesiredState {
        DesiredState(resources: resources, facts: facts, set: "default")
    }

    private func byID(_ objects: [KernelObject]) -> [ObjectID: KernelObject] {
        Dictionary(objects.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What is desired once the agent has followed; `nil` where it says that all has to be derived anew.
    private func follow(_ before: HostFacts, _ after: HostFacts) throws -> [ObjectID: KernelObject]? {
        let state = derive(before)
        let (old, new) = (try #require(before.fleet), try #require(after.fleet))
        guard let changes = new.endpointChanges(since: old) else { return nil }
        var objects = byID(state.objects)
        func replace(_ before: [KernelObject], _ after: [KernelObject]) {
            for object in before { objects[object.id] = nil }
            for (id, object) in byID(after) { objects[id] = object }
        }
        for balance in state.balances {
            var next = balance
            guard next.follow(new) else { return nil }
            replace(balance.objects(unready: []), next.objects(unready: []))
        }
        let share = try #require(state.remotes)
        for change in changes {
            guard let found = share.objects(of: change, before: old, after: new, before) else { return nil }
            replace(found.before, found.after)
        }
        return objects
    }

    private var some: [Remote] {
        [
            endpoint("api", "n2", 30, aliases: ["www"]), endpoint("pinger.2", "n2", 31), endpoint("pinger.3", "n3", 32),
            endpoint(nil, "n2", 40), endpoint("old", "dead", 41),
        ]
    }

    private func expectSame(_ after: [Remote], source: SourceLocation = #_sourceLocation) throws {
        for (first, second) in [(some, after), (after, some)] {
            let followed = try follow(facts(first), facts(second))
            let whole = byID(derive(facts(second)).objects)
            #expect(followed != nil, sourceLocation: source)
            let ids = Set(whole.keys).union(followed?.keys.map { $0 } ?? [])
            for id in ids { #expect(followed?[id]?.fields == whole[id]?.fields, "\(id)", sourceLocation: source) }
        }
    }

    @Test func comesAndGoes() throws {
        try expectSame(some + [endpoint("new", "n3", 33)])
        try expectSame(some + [endpoint("pinger.4", "n3", 33)])
        try expectSame(some.filter { $0.container != "api" })
        try expectSame(some + [endpoint("other", "dead", 50)])
        try expectSame(some.filter { $0.container != nil })
    }

    @Test func moves() throws {
        try expectSame(some.filter { $0.container != "api" } + [endpoint("api", "n3", 30, aliases: ["www"])])
        // For a moment both nodes say that they have it.
        try expectSame(some + [endpoint("api", "n3", 30, aliases: ["www"])])
        try expectSame(some + [endpoint("api", "n3", 36)])
        // Another one takes its address.
        try expectSame(some.filter { $0.container != "api" } + [endpoint("next", "n3", 30)])
    }

    @Test func isNotReady() throws {
        func unready(_ name: String) -> [Remote] {
            some.map { remote in
                var remote = remote
                if remote.container == name { remote.isReady = false }
                return remote
            }
        }
        try expectSame(unready("pinger.2"))
        try expectSame(unready("api"))
        let state = derive(facts(unready("pinger.2")))
        let chain = state.objects.first { $0.id == .firewallChain("service/pinger/80/tcp") }
        let rules = try #require(chain?.list(.rules))
        #expect(rules.count == 1 && rules[0].contains("10.50.0.21") && rules[0].contains("10.50.0.32"))
        #expect(!rules[0].contains("10.50.0.31"), "\(rules)")
        let own = state.objects.first { $0.id == .firewallChain("service/pinger/80/tcp/host") }
        #expect(
            own?.list(.rules)?.count == 1 && own?.list(.rules)?[0].contains("mod 1 ") == true, "\(own?.fields ?? [])")
        // Its own name stays, that of the service is the others'.
        func aliases(_ name: String) -> [String] {
            state.objects.first { $0.id == .name(name, on: "over") }?.list(.aliases) ?? []
        }
        #expect(aliases("pinger.2").isEmpty && aliases("pinger.3") == ["pinger"] && aliases("api") == ["www"])
    }

    @Test func changesItsNames() throws {
        try expectSame(some.filter { $0.container != "api" } + [endpoint("api", "n2", 30, aliases: ["a", "b"])])
    }

    /// More than the endpoint's own follows from these.
    @Test func allIsDerivedAnew() throws {
        // What this node has itself.
        #expect(try follow(facts(some), facts(some + [endpoint("web", "n2", 60)])) == nil)
        #expect(try follow(facts(some), facts(some + [endpoint("x", "n2", 20)])) == nil)
        var other = facts(some)
        other.fleet?.nodes.removeLast()
        #expect(try follow(facts(some), other) == nil)
        other = facts(some)
        other.fleet?.claimed = [:]
        #expect(try follow(facts(some), other) == nil)
        // What others hold concerns only who waits for an address.
        other = facts(some)
        other.fleet?.reserved["over"] = [Self.address(77)]
        #expect(try follow(facts(some), other) == byID(derive(facts(some)).objects))
        // The first replica anywhere: now ports lead somewhere.
        var (before, after) = (facts([]), facts([endpoint("pinger.2", "n2", 31)]))
        before.fleet?.replicas = [:]
        after.fleet?.replicas = [:]
        #expect(try follow(before, after) == nil && follow(after, before) == nil)
    }

    @Test func whatDiffersIsFoundInOneWalk() {
        func change(_ old: [Remote], _ new: [Remote]) -> FleetFacts.EndpointChange? {
            facts(new).fleet!.endpointChanges(since: facts(old).fleet!)?.first
        }
        #expect(change(some, some) == nil && change([], []) == nil)
        #expect(change([], some)?.new.count == 5 && change(some, [])?.gone.count == 5)
        let moved = some.filter { $0.container != "pinger.2" } + [endpoint("pinger.2", "n3", 31)]
        #expect(change(some, moved)?.gone.map(\.node) == ["n2"] && change(some, moved)?.new.map(\.node) == ["n3"])
    }
}
