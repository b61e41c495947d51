import Model
import Testing

@testable import LinuxHost

/// Rules as libnftables lists them, and as we write them. What comes out must be what went in, or no pass would ever
/// find the firewall as it should be.
@Suite struct RuleTextTests {
    private func rule(_ json: String) throws -> String {
        RuleText.rule(try #require(try JSONValue(parsing: json.utf8).array))
    }

    @Test(arguments: [
        (
            #"[{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":6}},"#
                + #"{"dnat":{"family":"ip","addr":{"map":{"key":{"numgen":{"mode":"inc","mod":2,"offset":0}},"#
                + #""data":{"set":[[1,{"concat":["10.20.0.3",80]}],[0,{"concat":["10.20.0.2",80]}]]}}}}}]"#,
            "meta l4proto tcp dnat ip to numgen inc mod 2 map { 0 : 10.20.0.2 . 80, 1 : 10.20.0.3 . 80 }"
        ),
        (
            #"[{"match":{"op":"!=","left":{"meta":{"key":"iifname"}},"right":"lo"}},"#
                + #"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"#
                + #""right":{"prefix":{"addr":"127.0.0.0","len":8}}}},{"drop":null}]"#,
            "iifname != \"lo\" ip daddr 127.0.0.0/8 drop"
        ),
        (
            #"[{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["established","related"]}},{"accept":null}]"#,
            "ct state established,related accept"
        ),
        (
            #"[{"vmap":{"key":{"concat":[{"meta":{"key":"iifname"}},{"meta":{"key":"oifname"}}]},"data":"@same"}}]"#,
            "iifname . oifname vmap @same"
        ),
        (
            #"[{"match":{"op":"==","left":{"fib":{"result":"type","flags":["daddr"]}},"right":"local"}},"#
                + #"{"jump":{"target":"published"}}]"#,
            "fib daddr type local jump published"
        ),
        (
            #"[{"dnat":{"family":"ip","addr":{"map":{"key":{"concat":[{"meta":{"key":"l4proto"}},"#
                + #"{"payload":{"protocol":"th","field":"dport"}}]},"data":"@ports4"}}}}]"#,
            "dnat ip to meta l4proto . th dport map @ports4"
        ),
        (
            #"[{"match":{"op":"in","left":{"ct":{"key":"status"}},"right":"dnat"}},"#
                + #"{"match":{"op":"==","left":{"concat":[{"meta":{"key":"oifname"}},"#
                + #"{"payload":{"protocol":"ip","field":"saddr"}}]},"right":"@subnets4"}},{"masquerade":null}]"#,
            "ct status dnat oifname . ip saddr @subnets4 masquerade"
        ),
        (
            #"[{"match":{"op":"==","left":{"payload":{"protocol":"icmp","field":"type"}},"right":"echo-request"}},"#
                + #"{"return":null}]"#,
            "icmp type echo-request return"
        ),
        (
            #"[{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"dport"}},"right":4789}},"#
                + #"{"match":{"op":"==","left":{"payload":{"base":"th","offset":96,"len":24}},"right":"@vnis"}},"#
                + #"{"goto":{"target":"tunnel"}}]"#,
            "udp dport 4789 @th,96,24 @vnis goto tunnel"
        ),
        (
            #"[{"snat":{"family":"ip","addr":{"map":{"key":{"meta":{"key":"oifname"}},"data":"@ingress4"}}}}]"#,
            "snat ip to oifname map @ingress4"
        ),
        ("[]", ""),
    ])
    func writesOurs(_ json: String, _ text: String) throws { #expect(try rule(json) == text) }

    /// A statement that we never write is its own JSON: unlike any rule of ours, and never a crash.
    @Test(arguments: [
        #"[{"counter":{"packets":1,"bytes":2}}]"#, #"[{"limit":{"rate":1}}]"#, "[1]", "[null]", "[{}]", #"["accept"]"#,
        #"[{"match":{}}]"#, #"[{"dnat":{"addr":"10.0.0.1"}}]"#, #"[{"jump":{}}]"#, #"[{"vmap":{}}]"#,
        #"[{"match":{"op":"==","left":{"meta":{}},"right":{"set":[1]}}}]"#, #"[{"match":{"left":{"fib":{}}}}]"#,
    ])
    func anythingElse(_ json: String) throws {
        let text = try rule(json)
        #expect(!text.isEmpty && text != "accept")
    }
}
