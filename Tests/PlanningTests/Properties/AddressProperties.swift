import Drivers
import Model
import Planning
import Testing

/// What is given out: each address and port once, and none that nobody may have.
@Suite struct AddressProperties {
    private func check(_ desired: DesiredState, _ seed: UInt64) {
        var given: Set<String> = []
        for endpoint in desired.endpoints.values.joined() {
            for prefix in endpoint.addresses {
                guard let pool = desired.networks[endpoint.attachment.network]?.pool(prefix.family) else {
                    Issue.record("seed \(seed): \(prefix) is of no pool")
                    continue
                }
                let address = prefix.address
                let isAsked = [endpoint.attachment.ipv4, endpoint.attachment.ipv6].contains(address)
                #expect(given.insert("\(endpoint.attachment.network) \(address)").inserted, "seed \(seed): \(address)")
                #expect(isAsked || pool.range.contains(address), "seed \(seed): \(address)")
                #expect(pool.prefix.contains(address) && prefix.length == pool.prefix.length, "seed \(seed)")
                #expect(address != pool.gateway && !pool.reserved.contains(address) || isAsked, "seed \(seed)")
                #expect(!pool.prefix.unassignable.contains(address), "seed \(seed)")
            }
        }
        checkPools(desired, seed)
        checkPorts(desired, seed)
    }

    private func checkPools(_ desired: DesiredState, _ seed: UInt64) {
        let pools = desired.networks.values.flatMap(\.pools)
        for (index, pool) in pools.enumerated() {
            for other in pools[(index + 1)...] {
                #expect(!pool.prefix.overlaps(other.prefix), "seed \(seed): \(pool.prefix) and \(other.prefix)")
            }
        }
    }

    private func checkPorts(_ desired: DesiredState, _ seed: UInt64) {
        var given: [String: Set<IPAddress?>] = [:]
        for port in desired.endpoints.values.joined().flatMap(\.ports) {
            let key = "\(port.family) \(port.transport) \(port.host)"
            #expect(given[key, default: []].insert(port.address).inserted, "seed \(seed): \(key)")
            #expect(given[key]?.count == 1 || given[key]?.contains(nil) == false, "seed \(seed): \(key)")
        }
    }

    @Test func onceAndInRange() {
        for seed in 0..<400 as Range<UInt64> {
            var random = RandomResources(SeededGenerator(seed: seed))
            let pass = Pass(resources: random.set(), host: random.host())
            check(pass.desired(), seed)
            let next = Pass(resources: random.set(), host: pass.host)
            check(next.desired(pass.applied()), seed)
        }
    }

    @Test func aSubnetIsUsedToTheLastAddress() throws {
        let prefix = try #require(IPPrefix("10.0.0.0/26"))
        let network = Network(metadata: Metadata(name: "n"), subnets: [Subnet(prefix: prefix)])
        let containers = (0..<61).map {
            Container(
                metadata: Metadata(name: "c\($0)"), image: .registry("a"), networks: [Attachment(network: "n")])
        }
        let full = Pass(resources: ResourceSet(networks: [network], containers: containers)).desired()
        #expect(full.diagnostics.isEmpty && Set(full.endpoints.values.joined().flatMap(\.addresses)).count == 61)
        let more =
            containers + [
                Container(metadata: Metadata(name: "z"), image: .registry("a"), networks: [Attachment(network: "n")])
            ]
        let over = Pass(resources: ResourceSet(networks: [network], containers: more)).desired()
        #expect(over.diagnostics.map(\.code) == ["addresses-exhausted"])
    }

    @Test func addressesStayWhateverElseComesOrGoes() {
        for seed in 0..<100 as Range<UInt64> {
            var random = RandomResources(SeededGenerator(seed: seed))
            let pass = Pass(resources: random.set(), host: random.host())
            let observation = pass.applied()
            let more = Container(
                metadata: Metadata(name: "a-new-one"), image: .registry("x"),
                networks: pass.resources.networks.prefix(1).map { Attachment(network: $0.metadata.name) })
            guard !more.networks.isEmpty else { continue }
            let resources = ResourceSet(
                networks: pass.resources.networks, containers: pass.resources.containers + [more],
                services: pass.resources.services)
            let before = pass.desired(observation).endpoints
            let after = Pass(resources: resources, host: pass.host).desired(observation).endpoints
            for (name, endpoints) in before {
                #expect(endpoints.map(\.addresses) == after[name]?.map(\.addresses), "seed \(seed): \(name)")
                #expect(endpoints.map(\.ports) == after[name]?.map(\.ports), "seed \(seed): \(name)")
            }
        }
    }

    @Test func oneBridgeHasAtMost1023Ports() throws {
        let prefix = try #require(IPPrefix("10.0.0.0/20"))
        let network = Network(metadata: Metadata(name: "n"), subnets: [Subnet(prefix: prefix)])
        func codes(_ count: Int) -> [String] {
            let containers = (0..<count).map {
                Container(
                    metadata: Metadata(name: "c\($0)"), image: .registry("a"), networks: [Attachment(network: "n")])
            }
            return Pass(resources: ResourceSet(networks: [network], containers: containers)).plan().diagnostics
                .map(\.code)
        }
        #expect(codes(1023).isEmpty && codes(1024).first == "bridge-full")
    }
}
