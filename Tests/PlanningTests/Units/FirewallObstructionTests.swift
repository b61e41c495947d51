import Drivers
import Model
import Testing

/// What is said of chains of others that drop what we forward: silence is as bad as a false alarm.
@Suite struct FirewallObstructionTests {
    private typealias Rule = HostFirewall.Rule

    private static let name = HostFirewall.Name(family: "ip", table: "filter", chain: "FORWARD")

    /// A network with a published port on a host with one uplink.
    private func resources(_ change: (inout Network, inout Container) -> Void = { _, _ in }) -> ResourceSet {
        var network = Network(metadata: Metadata(name: "front"))
        network.subnets = [Subnet(prefix: IPPrefix("10.20.0.0/24")!), Subnet(prefix: IPPrefix("fd00:20::/64")!)]
        var web = Container(
            metadata: Metadata(name: "web"), image: .registry("docker.io/library/a:1"),
            networks: [Attachment(network: "front")])
        web.ports = [PortMapping(host: 8080...8080, container: 80)]
        change(&network, &web)
        return ResourceSet(networks: [network], containers: [web])
    }

    private func found(
        in resources: ResourceSet? = nil, family: String = "ip", table: String = "filter", chain: String = "FORWARD",
        hook: HostFirewall.Hook = .forward, policyDrops: Bool = true, landmarks: [String] = [], bridged: Bool = false,
        _ rules: [String: [HostFirewall.Rule]] = [:]
    ) -> [Diagnostic] {
        var facts = HostFacts()
        facts.uplinks = [HostFacts.Uplink(name: "eth0", mtu: 1500, hasIPv4: true, isDefault: true)]
        facts.bridgedIPv4PassesFirewall = bridged
        let name = HostFirewall.Name(family: family, table: table, chain: chain)
        facts.hostFirewall.bases = [HostFirewall.Base(name: name, hook: hook, policyDrops: policyDrops)]
        for (chain, list) in rules { facts.hostFirewall.rules[name.sibling(chain)] = list }
        facts.hostFirewall.landmarks = Set(landmarks.map(name.sibling))
        return DesiredState(resources: resources ?? self.resources(), facts: facts, set: "default").diagnostics
    }

    private func link(_ isInput: Bool, _ names: String..., not isNegated: Bool = false) -> HostFirewall.Condition {
        .link(isInput: isInput, names, isNegated: isNegated)
    }

    @Test func aPolicyThatDrops() throws {
        let warning = try #require(found().first)
        #expect(found().count == 1)
        #expect(
            warning.message
                == "chain FORWARD of table ip filter (policy drop) drops what goes to published ports of front; "
                + "from front to the outside")
        #expect(
            warning.hint
                == "open it: iptables -I FORWARD -o br-front -j ACCEPT; iptables -I FORWARD -i br-front -j ACCEPT")
        #expect(warning.severity == .warning && warning.code == "dropped-by-others")
    }

    @Test func theWordsOfWhoeverMadeIt() {
        func hint(
            _ family: String, _ table: String, _ chain: String, hook: HostFirewall.Hook = .forward,
            landmarks: [String] = []
        ) -> String {
            found(family: family, table: table, chain: chain, hook: hook, landmarks: landmarks).first?.hint ?? ""
        }
        #expect(
            hint("ip", "filter", "FORWARD", landmarks: ["DOCKER-USER"]).contains("iptables -I DOCKER-USER -o br-front"))
        #expect(hint("ip6", "filter", "FORWARD").contains("ip6tables -I FORWARD -i br-front -j ACCEPT"))
        #expect(
            hint("ip", "filter", "FORWARD", landmarks: ["ufw-user-forward", "DOCKER-USER"]).contains(
                "ufw route allow out on br-front; ufw route allow in on br-front"))
        #expect(
            hint("inet", "firewalld", "filter_FORWARD").contains(
                "firewall-cmd --permanent --zone=trusted --add-interface=br-front"))
        #expect(
            hint("inet", "mine", "fwd").contains("nft insert rule inet mine fwd oifname br-front accept"))
        #expect(hint("ip", "filter", "OUTPUT", hook: .output).contains("iptables -I OUTPUT -o lo -j ACCEPT"))
        #expect(hint("inet", "mine", "out", hook: .output).contains("nft insert rule inet mine out oifname lo accept"))
    }

    /// Containers ask the server of names at the input hook; there nothing else of ours passes.
    @Test func namesMustReachTheirServer() throws {
        func input(_ rules: [Rule] = [], family: String = "ip", table: String = "filter", chain: String = "INPUT")
            -> [Diagnostic]
        { found(family: family, table: table, chain: chain, hook: .input, [chain: rules]) }
        let warning = try #require(input().first)
        #expect(
            warning.message
                == "chain INPUT of table ip filter (policy drop) drops what goes from containers of front to the server "
                + "of names")
        #expect(warning.hint == "open it: iptables -I INPUT -i br-front -p udp --dport 53 -j ACCEPT")
        #expect(
            input(family: "inet", table: "mine", chain: "in").first?.hint
                == "open it: nft insert rule inet mine in iifname br-front udp dport 53 accept")
        #expect(
            found(chain: "INPUT", hook: .input, landmarks: ["ufw-user-forward"]).first?.hint
                == "open it: ufw allow in on br-front to any port 53 proto udp")
        #expect(input([Rule([.state(["established"], isNegated: false)], .accept)]).count == 1)
        #expect(input([Rule([link(true, "br-front")], .accept)]).isEmpty)
        #expect(input([Rule([.port([53...53], isNegated: false)], .accept)]).isEmpty)
        #expect(input([Rule([.port([22...22], isNegated: false)], .accept)]).count == 1)
        // As ufw asks for what is to the host: of those that it lets return it drops none.
        let notLocal = [
            "INPUT": [Rule([], .jump("not-local")), Rule([link(true, "br-front")], .accept)],
            "not-local": [Rule([.other], .returns), Rule([], .drop)],
        ]
        #expect(found(chain: "INPUT", hook: .input, notLocal).isEmpty)
        let alone = resources { _, container in
            container.networks = [Attachment(network: "none")]
            container.ports = []
        }
        #expect(found(in: alone, chain: "INPUT", hook: .input).isEmpty)
    }

    @Test func eachFamilyByItself() {
        #expect(found(family: "ip6").count == 1)
        let onlyIPv4 = resources { network, _ in network.subnets = [network.subnets[0]] }
        #expect(found(in: onlyIPv4, family: "ip6").isEmpty)
        #expect(found(in: onlyIPv4, family: "inet").count == 1)
    }

    /// Each of these lets through what we forward, or may: there is nothing to be said.
    @Test func whatOpensSilences() {
        let both: [HostFirewall.Rule] = [
            Rule([link(false, "br-front")], .accept), Rule([link(true, "br-front")], .accept),
        ]
        #expect(found(["FORWARD": both]).isEmpty)
        #expect(found(["FORWARD": [Rule([.link(isInput: true, ["br-*"], isNegated: false)], .accept)] + both]).isEmpty)
        #expect(
            found(["FORWARD": [Rule([], .jump("DOCKER-USER"))], "DOCKER-USER": both + [Rule([], .returns)]]).isEmpty)
        #expect(found(["FORWARD": [Rule([.family(.ipv4)], .accept)]]).isEmpty)
        #expect(found(["FORWARD": [Rule([.state(["new"], isNegated: false)], .accept)]]).isEmpty)
        #expect(found(["FORWARD": [Rule([.state(["invalid"], isNegated: true)], .accept)]]).isEmpty)
        // By an address or a port of ours, whatever else is asked.
        let subnet = [IPPrefix("10.20.0.0/16")!]
        #expect(
            found([
                "FORWARD": [
                    Rule([.address(isSource: false, subnet, isNegated: false), .other], .accept),
                    Rule([.address(isSource: true, subnet, isNegated: false)], .accept),
                ]
            ]).isEmpty)
        #expect(
            found([
                "FORWARD": [
                    Rule([.port([80...81], isNegated: false)], .accept), Rule([link(true, "br-front")], .accept),
                ]
            ])
            .isEmpty)
        // firewalld: what is translated passes, what comes from a trusted zone too.
        #expect(
            found(
                family: "inet", table: "firewalld", chain: "filter_FORWARD", policyDrops: false,
                [
                    "filter_FORWARD": [
                        Rule([.state(["established", "related"], isNegated: false)], .accept),
                        Rule([.status(["dnat"], isNegated: false)], .accept), Rule([], .jump("ZONES")), Rule([], .drop),
                    ], "ZONES": [Rule([link(true, "br-front")], .goto("TRUSTED")), Rule([], .goto("PUBLIC"))],
                    "TRUSTED": [Rule([], .accept)], "PUBLIC": [Rule([], .drop)],
                ]
            ).isEmpty)
    }

    @Test func whatDoesNotOpenDoesNotSilence() {
        func words(_ rules: [String: [HostFirewall.Rule]]) -> String { found(rules).map(\.message).joined() }
        // Answers only.
        let answers = Rule([link(false, "br-front"), .state(["related", "established"], isNegated: false)], .accept)
        #expect(words(["FORWARD": [answers]]).contains("to published ports of front; from front"))
        // One direction.
        let out = words(["FORWARD": [Rule([link(true, "br-front")], .accept)]])
        #expect(out.contains("to published ports of front") && !out.contains("outside"))
        #expect(words(["FORWARD": [Rule([link(false, "docker0")], .accept)]]).contains("published"))
        #expect(words(["FORWARD": [Rule([link(false, "docker0"), .other], .accept)]]).contains("published"))
        // Some packets, of nobody in particular.
        #expect(words(["FORWARD": [Rule([.other], .accept)]]).contains("published"))
        #expect(words(["FORWARD": [Rule([.port([443...443], isNegated: false)], .accept)]]).contains("published"))
        #expect(
            words(["FORWARD": [Rule([link(false, "br-front", not: true)], .accept)]]).contains("to published ports"))
        // A return leads on to the policy.
        #expect(
            words(["FORWARD": [Rule([], .jump("U"))], "U": [Rule([], .returns), Rule([], .accept)]]).contains(
                "published"))
        // Too late.
        #expect(words(["FORWARD": [Rule([], .drop), Rule([], .accept)]]).contains("(by a rule)"))
        #expect(
            words([
                "FORWARD": [Rule([.other], .goto("U")), Rule([], .goto("V"))], "U": [Rule([], .drop)],
                "V": [Rule([], .drop)],
            ])
            .contains("(by a rule of V)"))
    }

    /// Somebody who closes one port has his reasons.
    @Test func whatDropsSomePacketsIsNoNews() {
        for condition in [
            HostFirewall.Condition.other, .port([80...80], isNegated: false),
            .address(isSource: true, [IPPrefix("192.0.2.0/24")!], isNegated: false),
            .address(isSource: false, [IPPrefix("10.20.0.10/32")!], isNegated: false),
        ] {
            #expect(found(policyDrops: false, ["FORWARD": [Rule([condition], .drop)]]).isEmpty, "\(condition)")
        }
        #expect(found(policyDrops: false, ["FORWARD": [Rule([link(true, "docker0")], .drop)]]).isEmpty)
        #expect(found(policyDrops: false, ["FORWARD": [Rule([link(false, "br-front")], .drop)]]).count == 1)
    }

    @Test func whatIsNotNeededIsNotMissed() {
        let inner = resources { network, container in
            network.internal = true
            container.ports = []
        }
        #expect(found(in: inner).isEmpty)
        let quiet = resources { _, container in container.ports[0].address = IPAddress("127.0.0.1") }
        let words = found(in: quiet).map(\.message).joined()
        #expect(words.contains("from front to the outside") && !words.contains("published"))
        #expect(found(hook: .output, ["FORWARD": [Rule([link(false, "lo")], .accept)]]).isEmpty)
        #expect(
            found(chain: "OUTPUT", hook: .output).first?.message.contains("from 127.0.0.1 to published ports") == true)
    }

    @Test func neighboursWhereBridgedPacketsPass() {
        var two = resources()
        two.containers.append(
            Container(
                metadata: Metadata(name: "near"), image: .registry("docker.io/library/a:1"),
                networks: [Attachment(network: "front")]))
        #expect(found(in: two, bridged: true).first?.message.contains("between containers of front") == true)
        #expect(found(in: two, bridged: false).first?.message.contains("between") == false)
    }

    @Test func chainsThatLeadInCirclesEnd() {
        #expect(found(["FORWARD": [Rule([], .jump("A"))], "A": [Rule([], .jump("A"))]]).count == 1)
    }

    @Test func manyNetworksAreOneWarning() throws {
        var many = resources()
        for number in 1...9 {
            many.networks.append(Network(metadata: Metadata(name: "n\(number)")))
            many.containers.append(
                Container(
                    metadata: Metadata(name: "c\(number)"), image: .registry("docker.io/library/a:1"),
                    networks: [Attachment(network: "n\(number)")]))
        }
        let warning = try #require(found(in: many).first)
        #expect(warning.message.contains("from front, n1, n2, n3 and 6 more to the outside"))
        #expect(warning.hint?.contains("and so for br-n3, br-n4, br-n5, br-n6 and 3 more") == true)
    }

    @Test func whatNftablesDoesNotShow() {
        var facts = HostFacts()
        facts.hostFirewall.legacyFamilies = [.ipv4, .ipv6]
        let notes = DesiredState(resources: resources(), facts: facts, set: "default").diagnostics
        #expect(notes.map(\.code) == ["legacy-iptables"] && notes[0].severity == .note)
        #expect(notes[0].message.hasPrefix("iptables-legacy and ip6tables-legacy"))
        #expect(DesiredState(resources: ResourceSet(), facts: facts, set: "default").diagnostics.isEmpty)
    }
}
