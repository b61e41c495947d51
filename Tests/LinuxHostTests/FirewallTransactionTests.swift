import Drivers
import Model
import Planning
import Testing

@testable import LinuxHost

@Suite struct FirewallTransactionTests {
    private let table = KernelObject(
        .firewallTable,
        fields: [
            Field(
                .sets,
                .list([
                    "ports4: inet_proto . inet_service : ipv4_addr . inet_service",
                    "subnets4: ifname . ipv4_addr interval",
                ]))
        ])
    private let cause = Change.Cause(.manifest, "")

    private func chain(_ name: String, _ rules: [String], hook: String? = nil) -> KernelObject {
        KernelObject(
            .firewallChain(name),
            fields: (hook.map { [Field(.hook, .string($0))] } ?? []) + [Field(.rules, .list(rules))],
            hangsOn: [.firewallTable])
    }

    private func port(_ number: UInt16, _ target: String) -> KernelObject {
        let element = FirewallElement(port: number, .tcp, family: .ipv4, address: nil)
        return KernelObject(element.id, owner: .container("web"), fields: [Field(.target, .string(target))])
    }

    private func lines(_ changes: [Change]) -> [String] {
        FirewallTransaction(table: "reconcile", changes: changes).text.split(separator: "\n").map(String.init)
    }

    private func change(_ action: Change.Action, _ before: KernelObject?, _ after: KernelObject?) -> Change {
        Change(action, before: before, after: after, cause: cause)
    }

    @Test func firstApply() {
        let text = lines([
            change(.create, nil, port(8080, "10.20.0.10:80")),
            change(.create, nil, chain("raw", ["accept", "drop"], hook: "filter prerouting -300")),
            change(.create, nil, chain("icc", [])), change(.create, nil, table),
        ])
        #expect(text.first == "add table inet reconcile")
        #expect(text.contains("add chain inet reconcile icc"))
        #expect(
            text.contains(
                "add chain inet reconcile raw { type filter hook prerouting priority -300; policy accept; }"))
        #expect(
            text.contains("add set inet reconcile subnets4 { type ifname . ipv4_addr; flags interval; }"))
        #expect(
            text.contains(
                "add map inet reconcile ports4 { type inet_proto . inet_service : ipv4_addr . inet_service; }"))
        #expect(
            text.last
                == "add element inet reconcile ports4 { tcp . 8080 comment \"container/web\" : 10.20.0.10 . 80 }")
        let rules = text.filter { $0.hasPrefix("add rule") }
        #expect(rules == ["add rule inet reconcile raw accept", "add rule inet reconcile raw drop"])
    }

    /// What overlay networks have: a number without a type of its own, and addresses as values, with colons in them.
    @Test func setsOfOverlays() {
        let sets = KernelObject(
            .firewallTable, fields: [Field(.sets, .list(["vnis: integer", "ingress6: ifname : ipv6_addr"]))])
        func element(_ set: String, _ key: [String], _ target: String? = nil) -> KernelObject {
            KernelObject(
                FirewallElement(set: set, key: key).id, owner: .network("over"),
                fields: target.map { [Field(.target, .string($0))] } ?? [])
        }
        let text = lines([
            change(.create, nil, sets), change(.create, nil, element("vnis", ["4097"])),
            change(.create, nil, element("ingress6", ["br-over"], "fd00:50::201")),
            change(.create, nil, element("gateways4", ["br-over", "10.50.0.1"])),
        ])
        #expect(text.contains("add set inet reconcile vnis { typeof @th,96,24; }"))
        #expect(text.contains("add map inet reconcile ingress6 { type ifname : ipv6_addr; }"))
        #expect(text.contains("add element inet reconcile vnis { 4097 comment \"network/over\" }"))
        #expect(
            text.contains("add element inet reconcile ingress6 { \"br-over\" comment \"network/over\" : fd00:50::201 }")
        )
        #expect(
            text.contains("add element inet reconcile gateways4 { \"br-over\" . 10.50.0.1 comment \"network/over\" }"))
    }

    /// An element's value cannot be changed: it goes and comes in one transaction.
    @Test func anUpdatedPortGoesAndComes() {
        #expect(
            lines([change(.update, port(8080, "10.20.0.10:80"), port(8080, "10.20.0.11:81"))]) == [
                "delete element inet reconcile ports4 { tcp . 8080 }",
                "add element inet reconcile ports4 { tcp . 8080 comment \"container/web\" : 10.20.0.11 . 81 }",
            ])
    }

    @Test func anUpdatedChainKeepsItsPlace() {
        let text = lines([change(.update, chain("icc", ["drop"]), chain("icc", ["accept"]))])
        #expect(text.first == "flush chain inet reconcile icc" && text.last == "add rule inet reconcile icc accept")
        #expect(!text.contains { $0.hasPrefix("delete") })
    }

    @Test func whatGoesWithItsTableIsNotNamed() {
        #expect(lines([change(.delete, table, nil)]) == ["delete table inet reconcile"])
        let text = lines([
            change(.replace, table, table), change(.create, port(1, "10.0.0.2:1"), port(1, "10.0.0.2:1")),
        ])
        #expect(Array(text.prefix(2)) == ["delete table inet reconcile", "add table inet reconcile"])
        #expect(!text.contains { $0.hasPrefix("delete element") })
    }

    @Test func manyElementsAreOneCommandASet() {
        let text = lines((1...1000).map { change(.create, nil, port($0, "10.0.0.2:80")) })
        #expect(text.count == 1 && text[0].split(separator: ",").count == 1000)
    }

    @Test func interfaceNamesAreQuoted() {
        let bridge = KernelObject(
            FirewallElement(set: "subnets4", key: ["br-front", "10.20.0.0/24"]).id, owner: .network("front"))
        let verdict = KernelObject(
            FirewallElement(set: "same", key: ["br-front", "br-front"]).id, fields: [Field(.target, "goto icc")])
        #expect(
            lines([change(.create, nil, bridge), change(.create, nil, verdict)]) == [
                "add element inet reconcile same { \"br-front\" . \"br-front\" : goto icc }",
                "add element inet reconcile subnets4 { \"br-front\" . 10.20.0.0/24 comment \"network/front\" }",
            ])
    }

    @Test func addressesOfBothFamilies() {
        let element = FirewallElement(port: 80, .udp, family: .ipv6, address: IPAddress("2001:db8::1"))
        let object = KernelObject(element.id, fields: [Field(.target, "[fd00::2]:53")])
        #expect(
            lines([change(.create, nil, object)]) == [
                "add element inet reconcile ports6_address { 2001:db8::1 . udp . 80 : fd00::2 . 53 }"
            ])
    }
}
