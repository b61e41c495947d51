import Model
import Testing

@Suite struct IdentityTests {
    @Test func resources() {
        #expect(ResourceID("Container/web") == .container("web") && ResourceID("network/front")?.kind == .network)
        for text in ["", "web", "container/", "pod/web", "container/a/b", "/web"] { #expect(ResourceID(text) == nil) }
        let sorted = [ResourceID.container("a"), .network("b"), .host("firewall"), .network("a")].sorted()
        #expect(sorted.map(\.description) == ["host/firewall", "network/a", "network/b", "container/a"])
    }

    @Test func objectsSayWhereTheyAre() throws {
        let prefix = try #require(IPPrefix("10.20.0.10/24"))
        #expect(ObjectID.address(prefix, on: "eth0", in: "web").description == "address 10.20.0.10/24 on eth0 in web")
        #expect(ObjectID.link("br-front").description == "link br-front")
        #expect(ObjectID.sandbox("web").description == "sandbox web" && ObjectID.process("web").place.isEmpty)
    }

    /// Ids name objects in the record of what was applied: none may be mistaken for another.
    @Test func descriptionsDiffer() {
        let ids: [ObjectID] = [
            .link("a"), .link("a", in: "b"), .link("b", in: "a"), .sandbox("a"), .process("a"), .sysctl("a"),
            .route("a", on: "b"), .route("b", on: "a"), .route("a", on: "b", in: "c"), .firewallTable,
            .firewallChain("a"),
        ]
        #expect(Set(ids.map(\.description)).count == ids.count)
    }

    @Test func copiesOfObjectsAreTheirOwn() {
        let first = KernelObject(.link("a"), fields: [Field(.mtu, 1500)])
        var second = first
        second.fields = [Field(.mtu, 1400)]
        second.owner = .network("x")
        #expect(first.int(.mtu) == 1500 && first.owner == nil && second.int(.mtu) == 1400 && first != second)
        second.fields = first.fields
        second.owner = nil
        #expect(first == second && first.hashValue == second.hashValue)
    }

    @Test func fieldsHaveTheirTypes() {
        let object = KernelObject(
            .link("a"), fields: [Field(.mtu, 1), Field(.up, true), Field(.alias, "x"), Field(.rules, .list(["r"]))])
        #expect(object.int(.mtu) == 1 && object.bool(.up) == true && object.string(.alias) == "x")
        #expect(object.list(.rules) == ["r"] && object.int(.alias) == nil && object.string(.mtu) == nil)
        #expect(object[.via] == nil)
    }

    @Test func positionsFallBackToWhatEncloses() {
        let whole = SourcePosition(file: "a.yaml", line: 1, column: 1)
        let networks = SourcePosition(file: "a.yaml", line: 5, column: 3)
        let metadata = Metadata(name: "a", position: whole, fieldPositions: ["networks": networks])
        #expect(metadata.position(of: "networks[0].ipv4") == networks && metadata.position(of: "image") == whole)
        #expect(metadata.position(of: "") == whole && Metadata(name: "a").position(of: "x.y") == nil)
    }
}
