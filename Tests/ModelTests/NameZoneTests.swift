import Testing

@testable import Model

@Suite struct NameZoneTests {
    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    private func zone() throws -> NameZone {
        NameZone(
            listens: [try address("10.20.0.1"), try address("fd00:20::1")],
            entries: [
                "web": .init(
                    addresses: [try address("10.20.0.10"), try address("fd00:20::a")], aliases: ["shop", "www"]),
                "db": .init(addresses: [try address("10.20.0.11")], servers: [try address("127.82.0.1")]),
                "six": .init(
                    addresses: [try address("fd00:20::b")], aliases: ["sixth"],
                    servers: [try address("192.0.2.1"), try address("2001:db8::1")]),
            ])
    }

    @Test func theFileIsAsAardvarkReadsIt() throws {
        #expect(
            try zone().text == """
                10.20.0.1,fd00:20::1
                db 10.20.0.11  db 127.82.0.1
                six  fd00:20::b six,sixth 192.0.2.1,2001:db8::1
                web 10.20.0.10 fd00:20::a web,shop,www

                """)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        #expect(NameZone(text: try zone().text) == (try zone()))
        let empty = NameZone(listens: [try address("10.20.0.1")])
        #expect(NameZone(text: empty.text) == empty)
    }

    @Test(arguments: [
        "", "\n", "10.20.0.1", "nonsense\n", "10.20.0.1,\nweb\n", "10.20.0.1\nweb 10.20.0.10\n",
        "10.20.0.1\nweb 10.20.0.10  web", "10.20.0.1\nweb 10.20.0.300  web\n", "10.20.0.1\nweb 10.20.0.10  www\n",
        "10.20.0.1\nweb 10.20.0.10  web x\n", "10.20.0.1\nweb 10.20.0.10  web 1.1.1.1 2.2.2.2\n",
    ])
    func whatOthersWroteIsNoZone(_ text: String) { #expect(NameZone(text: text) == nil) }

    @Test func anObjectGoesInAndOut() throws {
        var changed = try zone()
        let entry = try #require(changed.entries["six"])
        let object = KernelObject(.name("six", on: "front"), fields: NameZone.fields(entry))
        changed.set("six", nil)
        #expect(changed.entries["six"] == nil)
        changed.set("six", object)
        #expect(changed == (try zone()))
    }

    @Test func everySetHasAnAddressOfItsOwnWhereNothingIsKnown() {
        let addresses = (0..<200).map { NameServer.nowhereAddress("set\($0)") }
        #expect(Set(addresses).count > 195)
        #expect(addresses.allSatisfy { $0.isLoopback && NameServer.isNowhere($0) })
        #expect(!NameServer.isNowhere(IPAddress(v4: 0x7f00_0001)))
    }

    @Test func anObjectAndItsEntryAreTheSame() throws {
        let entry = NameZone.Entry(
            addresses: [try address("10.20.0.10")], aliases: ["shop"], servers: [try address("192.0.2.53")])
        let object = KernelObject(.name("shop.1", on: "front"), fields: NameZone.fields(entry))
        #expect(NameZone.Entry(object) == entry)
        #expect(entry.answering(to: "shop", true) == entry)
        #expect(entry.answering(to: "api", true).aliases == ["api", "shop"])
        let silent = KernelObject(object.id, fields: NameZone.fields(entry.answering(to: "shop", false)))
        #expect(silent[.aliases] == nil && silent.list(.servers) == ["192.0.2.53"])
        #expect(NameZone.aliases(["WWW", "shop", "www", "api"], of: "shop") == ["api", "www"])
    }
}
