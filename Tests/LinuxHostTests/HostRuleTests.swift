import Drivers
import Model
import Testing

@testable import LinuxHost

/// How rules of others are read, from what libnftables 1.0.6 says of real ones.
@Suite struct HostRuleTests {
    private func rules(
        _ expressions: String, text: String? = nil, sets: [String: String] = [:]
    ) throws -> [HostFirewall.Rule] {
        let rule = try JSONValue(parsing: #"{"expr":[\#(expressions)]}"#.utf8)
        let parser = HostRuleParser { name in
            sets[name].flatMap { try? JSONValue(parsing: $0.utf8) }?.array
        }
        return parser.rules(rule, text: text)
    }

    private func match(_ left: String, _ right: String, _ operation: String = "==") -> String {
        #"{"match":{"op":"\#(operation)","left":\#(left),"right":\#(right)}}"#
    }

    private let output = #"{"meta":{"key":"oifname"}}"#
    private let input = #"{"meta":{"key":"iifname"}}"#
    private let accept = #"{"accept":null}"#

    @Test func links() throws {
        #expect(
            try rules(match(output, #""br-front""#) + #",{"counter":{"packets":0,"bytes":0}},"# + accept) == [
                .init([.link(isInput: false, ["br-front"], isNegated: false)], .accept)
            ])
        #expect(
            try rules(match(input, #"{"set":["a","b*"]}"#, "!=") + "," + #"{"drop":null}"#) == [
                .init([.link(isInput: true, ["a", "b*"], isNegated: true)], .drop)
            ])
        #expect(
            try rules(match(output, #""@mine""#) + "," + accept, sets: ["mine": #"["br-front"]"#]) == [
                .init([.link(isInput: false, ["br-front"], isNegated: false)], .accept)
            ])
        #expect(try rules(match(output, #""@gone""#) + "," + accept) == [.init([.other], .accept)])
    }

    @Test func connections() throws {
        #expect(
            try rules(match(#"{"ct":{"key":"state"}}"#, #"["established","related"]"#, "in") + "," + accept) == [
                .init([.state(["established", "related"], isNegated: false)], .accept)
            ])
        #expect(
            try rules(match(#"{"ct":{"key":"state"}}"#, #"{"set":["established","related"]}"#) + "," + accept) == [
                .init([.state(["established", "related"], isNegated: false)], .accept)
            ])
        #expect(
            try rules(match(#"{"ct":{"key":"status"}}"#, #""dnat""#, "in") + "," + accept) == [
                .init([.status(["dnat"], isNegated: false)], .accept)
            ])
    }

    /// The JSON tells of a match of iptables only its name; the text tells what it asks for.
    @Test func matchesOfIPTables() throws {
        let conntrack = #"{"xt":{"type":"match","name":"conntrack"}},"# + accept
        func text(_ words: String) throws -> [HostFirewall.Rule] {
            try rules(conntrack, text: "\t\toifname \"br-front\" \(words) counter packets 0 bytes 0 accept # handle 3")
        }
        #expect(
            try text("ct state related,established")
                == [.init([.state(["related", "established"], isNegated: false)], .accept)])
        #expect(try text("ct state ! invalid") == [.init([.state(["invalid"], isNegated: true)], .accept)])
        #expect(try text("ct status dnat") == [.init([.status(["dnat"], isNegated: false)], .accept)])
        #expect(try text("ct original saddr 10.0.0.1") == [.init([.other], .accept)])
        #expect(try rules(conntrack) == [.init([.other], .accept)])
        #expect(try rules(#"{"xt":{"type":"match","name":"comment"}},"# + accept) == [.init([], .accept)])
        #expect(try rules(#"{"xt":{"type":"match","name":"physdev"}},"# + accept) == [.init([.other], .accept)])
        #expect(try rules(#"{"xt":{"type":"target","name":"REJECT"}}"#) == [.init([], .drop)])
        #expect(try rules(#"{"xt":{"type":"target","name":"LOG"}}"#) == [])
        #expect(
            HostRuleParser.linesByHandle("table ip filter {\n\tchain A { # handle 9\n\t\taccept # handle 12\n\t}\n}")[
                12]
                == "\t\taccept # handle 12")
    }

    @Test func addressesAndPorts() throws {
        let daddr = #"{"payload":{"protocol":"ip","field":"daddr"}}"#
        #expect(
            try rules(match(daddr, #"{"prefix":{"addr":"10.20.0.0","len":16}}"#) + "," + accept) == [
                .init([.address(isSource: false, [IPPrefix("10.20.0.0/16")!], isNegated: false)], .accept)
            ])
        #expect(
            try rules(match(#"{"payload":{"protocol":"ip6","field":"saddr"}}"#, #""fd00::2""#, "!=") + "," + accept)
                == [
                    .init([.address(isSource: true, [IPPrefix("fd00::2/128")!], isNegated: true)], .accept)
                ])
        #expect(
            try rules(match(daddr, #"{"range":["10.0.0.1","10.0.0.9"]}"#) + "," + accept) == [.init([.other], .accept)])
        let dport = #"{"payload":{"protocol":"tcp","field":"dport"}}"#
        #expect(
            try rules(match(dport, #"{"set":[22,{"range":[80,90]}]}"#) + "," + accept) == [
                .init([.port([22...22, 80...90], isNegated: false)], .accept)
            ])
        #expect(try rules(match(dport, "1024", ">") + "," + accept) == [.init([.other], .accept)])
        #expect(
            try rules(match(#"{"meta":{"key":"nfproto"}}"#, #""ipv6""#) + "," + accept)
                == [.init([.family(.ipv6)], .accept)])
    }

    @Test func verdictMaps() throws {
        let state = #"{"ct":{"key":"state"}}"#
        let map = #"{"vmap":{"key":\#(state),"data":{"set":[["established",\#(accept)],["invalid",{"drop":null}]]}}}"#
        #expect(
            try rules(map) == [
                .init([.state(["established"], isNegated: false)], .accept),
                .init([.state(["invalid"], isNegated: false)], .drop),
            ])
        let named = #"{"vmap":{"key":\#(input),"data":"@zones"}}"#
        #expect(
            try rules(named, sets: ["zones": #"[["br-front",{"goto":{"target":"trusted"}}]]"#]) == [
                .init([.link(isInput: true, ["br-front"], isNegated: false)], .goto("trusted"))
            ])
        #expect(try rules(named) == [])
    }

    /// The chains that are read: those of others that forwarded packets pass and that drop something.
    @Test func chains() throws {
        let lists = [
            "list chains": """
            [{"chain":{"family":"inet","table":"reconcile","name":"forward","type":"filter","hook":"forward","policy":"accept"}},
             {"chain":{"family":"inet","table":"reconcile-b","name":"forward","type":"filter","hook":"forward","policy":"drop"}},
             {"chain":{"family":"inet","table":"reconcile-user","name":"f","type":"filter","hook":"forward","policy":"drop"}},
             {"chain":{"family":"ip","table":"filter","name":"FORWARD","type":"filter","hook":"forward","policy":"accept"}},
             {"chain":{"family":"ip","table":"filter","name":"INPUT","type":"filter","hook":"input","policy":"drop"}},
             {"chain":{"family":"ip","table":"filter","name":"OUTPUT","type":"filter","hook":"output","policy":"accept"}},
             {"chain":{"family":"ip","table":"filter","name":"DOCKER-USER"}},
             {"chain":{"family":"bridge","table":"b","name":"f","type":"filter","hook":"forward","policy":"drop"}},
             {"chain":{"family":"ip","table":"nat","name":"X","type":"nat","hook":"output","policy":"accept"}}]
            """,
            "list chain inet reconcile-user f": "[]",
            "list chain ip filter FORWARD": """
            [{"rule":{"chain":"FORWARD","handle":4,"expr":[{"jump":{"target":"S"}}]}}]
            """,
            "list chain ip filter S": """
            [{"rule":{"chain":"S","handle":5,"expr":[{"xt":{"type":"match","name":"conntrack"}},{"accept":null}]}},
             {"rule":{"chain":"S","handle":6,"expr":[{"drop":null}]}}]
            """,
            "list chain ip filter OUTPUT": #"[{"rule":{"chain":"OUTPUT","handle":7,"expr":[{"accept":null}]}}]"#,
        ]
        let reader = HostFirewallReader(
            list: { command in lists[command].flatMap { try? JSONValue(parsing: $0.utf8) }?.array },
            text: { _ in "ct state established accept # handle 5" })
        let firewall = try #require(reader.read())
        let forward = HostFirewall.Name(family: "ip", table: "filter", chain: "FORWARD")
        #expect(
            firewall.bases.map(\.name.description) == [
                "chain FORWARD of table ip filter", "chain f of table inet reconcile-user",
            ])
        #expect(firewall.landmarks == [forward.sibling("DOCKER-USER")])
        #expect(
            firewall.rules[forward.sibling("S")]
                == [.init([.state(["established"], isNegated: false)], .accept), .init([], .drop)])
        // Of a chain that cannot be listed nothing is said.
        let half = HostFirewallReader(list: { $0.hasSuffix(" S") ? nil : reader.list($0) }, text: { _ in nil }).read()
        #expect(half?.bases.map(\.name.table) == ["reconcile-user"])
        #expect(HostFirewallReader(list: { _ in nil }, text: { _ in nil }).read() == nil)
    }
}
