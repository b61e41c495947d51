import Model
import Testing

@testable import LinuxHost

@Suite struct FirewallObserverTests {
    private func objects(_ items: String) throws -> [ObjectID: KernelObject] {
        let mark = #"{"set":{"name":"\#(FirewallElement.mark)","type":"mark"}}"#
        let json = try #require(try JSONValue(parsing: "[\(mark),\(items)]".utf8).array)
        let found = FirewallObserver.observation(json, table: "reconcile")
        #expect(found.foreign.isEmpty)
        return found.objects
    }

    private func map(_ name: String, _ key: String, _ elements: String) -> String {
        #"{"map":{"name":"\#(name)","type":\#(key),"map":["ipv4_addr","inet_service"],"elem":[\#(elements)]}}"#
    }

    private let key = #"["inet_proto","inet_service"]"#

    @Test func portsWithTheirOwners() throws {
        let found = try objects(
            map(
                "ports4", key,
                #"[{"elem":{"val":{"concat":[6,8080]},"comment":"container/web"}},{"concat":["10.20.0.10",80]}],"#
                    + #"[{"concat":[17,53]},{"concat":["10.20.0.10",53]}]"#))
        let web = try #require(found[ObjectID(.firewall, "port 8080/tcp")])
        #expect(web.owner == .container("web") && web.string(.target) == "10.20.0.10:80")
        #expect(found[ObjectID(.firewall, "port 53/udp")]?.owner == .host("firewall"))
    }

    /// Protocols are asked for by number; host ports may have the same numbers.
    @Test(arguments: [6 as UInt16, 17, 132])
    func aPortThatIsAProtocolsNumber(_ port: UInt16) throws {
        let found = try objects(map("ports4", key, #"[{"concat":[6,\#(port)]},{"concat":["10.0.0.2",80]}]"#))
        #expect(found[ObjectID(.firewall, "port \(port)/tcp")]?.string(.target) == "10.0.0.2:80")
    }

    @Test func setsChainsAndTheTable() throws {
        let found = try objects(
            #"{"metainfo":{}},{"table":{"name":"reconcile"}},"#
                + #"{"set":{"name":"subnets4","type":["ifname","ipv4_addr"],"flags":["interval"],"elem":["#
                + #"{"concat":["br-a",{"prefix":{"addr":"10.0.0.0","len":24}}]}]}},"#
                + #"{"set":{"name":"bridges","type":"ifname","elem":["br-a"]}},"#
                + #"{"map":{"name":"same","type":["ifname","ifname"],"map":"verdict","elem":["#
                + #"[{"concat":["br-a","br-a"]},{"goto":{"target":"icc"}}],[{"concat":["br-b","br-b"]},{"accept":null}]"#
                + #"]}},"#
                + #"{"chain":{"name":"raw","type":"filter","hook":"prerouting","prio":-300,"policy":"accept"}},"#
                + #"{"chain":{"name":"bad","type":"filter","hook":"input","prio":0,"policy":"drop"}},"#
                + #"{"chain":{"name":"icc"}},"#
                + #"{"rule":{"chain":"icc","expr":[{"accept":null}]}},{"rule":{"chain":"icc","expr":[{"drop":null}]}}"#)
        #expect(
            found[.firewallTable]?.list(.sets) == [
                "bridges: ifname", "\(FirewallElement.mark): mark", "same: ifname . ifname : verdict",
                "subnets4: ifname . ipv4_addr interval",
            ])
        #expect(found[ObjectID(.firewall, "subnets4 br-a . 10.0.0.0/24")]?.hangsOn == [.firewallTable])
        #expect(found[ObjectID(.firewall, "bridges br-a")] != nil)
        #expect(found[ObjectID(.firewall, "same br-a . br-a")]?.string(.target) == "goto icc")
        #expect(found[ObjectID(.firewall, "same br-b . br-b")]?.string(.target) == "accept")
        #expect(found[.firewallChain("raw")]?.string(.hook) == "filter prerouting -300")
        #expect(found[.firewallChain("bad")]?.string(.hook) == "filter input 0 policy drop")
        #expect(found[.firewallChain("icc")]?.list(.rules) == ["accept", "drop"])
        #expect(found[.firewallChain("icc")]?.string(.hook) == nil)
    }

    /// As libnftables 1.0.6 lists them, and as later versions list the type.
    @Test func setsOfOverlays() throws {
        let found = try objects(
            #"{"set":{"name":"reconcile","type":"mark"}},"#
                + #"{"set":{"name":"vnis","type":"integer","elem":[77,{"elem":{"val":4097,"comment":"network/over"}}]}},"#
                + #"{"map":{"name":"ingress6","type":"ifname","map":"ipv6_addr","elem":[[{"elem":{"val":"br-over","#
                + #""comment":"network/over"}},"fd00:50::201"]]}}"#)
        #expect(found[ObjectID(.firewall, "vnis 4097")]?.owner == .network("over"))
        #expect(found[ObjectID(.firewall, "vnis 77")] != nil)
        #expect(found[ObjectID(.firewall, "ingress6 br-over")]?.string(.target) == "fd00:50::201")
        #expect(found[.firewallTable]?.list(.sets)?.contains("vnis: integer") == true)
        let later = try objects(
            #"{"set":{"name":"reconcile","type":"mark"}},{"set":{"name":"vnis","type":"#
                + #"{"typeof":{"payload":{"base":"th","offset":96,"len":24}}}}}"#)
        #expect(later[.firewallTable]?.list(.sets)?.contains("vnis: integer") == true)
    }

    /// A table of our name without our mark is somebody else's, an empty one is free to take.
    @Test func foreignTables() throws {
        let json = try JSONValue(parsing: #"[{"table":{}},{"chain":{"name":"x"}}]"#.utf8).array
        let found = FirewallObserver.observation(try #require(json), table: "reconcile")
        #expect(found.foreign.keys.map { $0 } == [.firewallTable] && found.objects.count == 1)
        #expect(FirewallObserver.observation([["table": [:]]], table: "reconcile").foreign.isEmpty)
    }

    /// What somebody else put in there is read as something, and so removed as something.
    @Test func oddities() throws {
        _ = try objects(
            #"{},1,{"set":{}},{"map":{"elem":[1,[],{}]}},{"chain":{}},{"rule":{}},{"flowtable":{"name":"x"}}"#)
        _ = try objects(#"{"set":{"name":"bridges","elem":[{"range":["a","b"]},{"elem":{}}]}}"#)
    }
}
