import Model
import Planning
import Testing

@Suite struct ScopeTests {
    private func scope(_ id: ObjectID, owner: ResourceID? = nil, on parents: ObjectID...) -> Scope {
        Scope(of: KernelObject(id, owner: owner, hangsOn: parents))
    }

    private let prefix = IPPrefix("10.20.0.1/24")!

    @Test func whatIsInASandboxIsTheContainers() {
        #expect(scope(.sandbox("web")) == .container("web"))
        #expect(scope(.process("web"), on: .sandbox("web")) == .container("web"))
        #expect(scope(.process("web")) == .container("web"), "also where it is in the host's network")
        #expect(scope(.link("eth0", in: "web"), on: .sandbox("web")) == .container("web"))
        #expect(scope(.link("eth0", in: "web"), on: .sandbox("web"), .link("mv-lan")) == .container("web"))
        #expect(scope(.process("side"), on: .sandbox("web")) == .container("web"), "it runs in that one's sandbox")
        #expect(scope(.address(prefix, on: "eth0", in: "web"), on: .link("eth0", in: "web")) == .container("web"))
        #expect(scope(.route("default", on: "eth0", in: "web"), on: .link("eth0", in: "web")) == .container("web"))
    }

    @Test func theHostsEndOfALinkIsTheContainers() {
        let inner = ObjectID.link("eth0", in: "web")
        #expect(scope(.link("veth1"), owner: .container("web"), on: inner) == .container("web"))
        #expect(scope(.link("veth1"), on: inner) == .container("web"), "its alias was wiped")
        #expect(scope(.link("veth1"), owner: .container("web")) == .container("web"), "its other end is gone")
        let setting = ObjectID.sysctl("net/ipv6/conf/veth1/disable_ipv6")
        #expect(scope(setting, owner: .container("web"), on: .link("veth1")) == .container("web"))
    }

    @Test func aLinkOfTheHostIsByItself() {
        #expect(scope(.link("br-front"), owner: .network("front")) == .link("br-front"))
        #expect(scope(.link("br-front")) == .link("br-front"), "its alias was wiped")
        #expect(scope(.address(prefix, on: "br-front"), on: .link("br-front")) == .link("br-front"))
        #expect(scope(.route("default", on: "br-front")) == .link("br-front"))
        let setting = ObjectID.sysctl("net/ipv4/conf/br-front/forwarding")
        #expect(scope(setting, owner: .network("front"), on: .link("br-front")) == .link("br-front"))
    }

    @Test func theFirewallIsOneWhole() {
        let element = FirewallElement(set: "ports4", key: ["tcp", "8080"])
        #expect(scope(.firewallTable) == .firewall)
        #expect(scope(.firewallChain("forward"), on: .firewallTable) == .firewall)
        #expect(scope(element.id, owner: .container("web"), on: .firewallTable) == .firewall)
    }

    @Test func theForwarderIsOneWhole() {
        #expect(scope(.forwarder) == .forwarder)
        #expect(scope(.forward(8080, .tcp), owner: .container("web"), on: .forwarder) == .forwarder)
    }

    @Test func theRestIsTheHosts() {
        #expect(scope(.image(.registry("nginx")), owner: .container("web")) == .host, "images are shared")
        #expect(scope(.sysctl("net/ipv4/conf/eth0/forwarding"), owner: .host("network")) == .host)
    }

    @Test func anObservationIsTheSumOfItsScopes() {
        for seed in 0..<100 as Range<UInt64> {
            var random = RandomResources(SeededGenerator(seed: seed))
            var observation = Pass(resources: random.set(), host: random.host()).applied()
            var perturbation = Perturbation(generator: SeededGenerator(seed: seed))
            perturbation.disturb(&observation)
            var whole = Observation()
            for (scope, part) in observation.byScope() {
                #expect(part.objects.values.allSatisfy { Scope(of: $0) == scope })
                whole.merge(part)
            }
            #expect(whole.objects == observation.objects && whole.unmarked == observation.unmarked, "seed \(seed)")
            #expect(whole.foreign == observation.foreign, "seed \(seed)")
        }
    }

    /// What hangs on something is repaired with it: so both must be looked at together.
    @Test func anObjectIsInTheScopeOfWhatItHangsOn() {
        for seed in 0..<100 as Range<UInt64> {
            var random = RandomResources(SeededGenerator(seed: seed))
            let objects = Pass(resources: random.set(), host: random.host()).desired().objects
            let scopes = Dictionary(uniqueKeysWithValues: objects.map { ($0.id, Scope(of: $0)) })
            for object in objects {
                for parent in object.hangsOn {
                    #expect(scopes[parent] == scopes[object.id], "\(object.id) on \(parent)")
                }
            }
        }
    }
}
