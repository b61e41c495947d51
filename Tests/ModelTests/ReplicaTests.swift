import Model
import Testing

/// The names of services' replicas, and of what the firewall has of services.
@Suite struct ReplicaTests {
    @Test func namesOfReplicas() {
        #expect(ReplicaName("pinger.12") == ReplicaName("pinger", 12))
        for text in ["pinger", "pinger.", ".1", "pinger.01", "pinger.+1", "pinger.-1", "pinger.x", "pinger.1 "] {
            #expect(ReplicaName(text) == nil, "\(text)")
        }
        #expect(ResourceID.container("web.2").service == .service("web"))
        #expect(ResourceID.container("web").service == nil && ResourceID.network("web.2").service == nil)
        #expect(ResourceID.container("web.2").described == .service("web"))
        #expect(ResourceID("container/web.2") == .container("web.2"))
        #expect(Mark(alias: Mark(set: "s", resource: .container("web.2")).alias)?.resource == .container("web.2"))
    }

    @Test func chains() throws {
        let chain = BalanceChain(service: "pinger", port: 80, .tcp, mode: .ingress)
        #expect(chain.name == "service/pinger/80/tcp" && BalanceChain(chain.name) == chain)
        let host = BalanceChain(service: "pinger", port: 53, .udp, mode: .host)
        #expect(host.name == "service/pinger/53/udp/host" && BalanceChain(host.name) == host)
        for text in ["published", "service/pinger", "service/pinger/x/tcp", "service/pinger/80/tcp/all"] {
            #expect(BalanceChain(text) == nil, "\(text)")
        }
        let addresses = ["fd00::2", "fd00::3"].compactMap { IPAddress($0) }
        let rule = try #require(chain.rule(to: addresses))
        #expect(rule == "meta l4proto tcp dnat ip6 to numgen inc mod 2 map { 0 : fd00::2 . 80, 1 : fd00::3 . 80 }")
        #expect(BalanceChain.addresses(in: rule) == addresses)
        #expect(chain.rule(to: []) == nil && BalanceChain.addresses(in: "accept") == [])
    }

    @Test func elements() {
        let names: [(FirewallElement, String)] = [
            (FirewallElement(servicePort: 9090, .tcp, family: .ipv4, address: nil), "service port 9090/tcp"),
            (FirewallElement(servicePort: 9090, .udp, family: .ipv6, address: nil), "service port [::]:9090/udp"),
            (
                FirewallElement(servicePort: 9090, .tcp, family: .ipv4, address: IPAddress(v4: 0x7f00_0001)),
                "service port 127.0.0.1:9090/tcp"
            ),
            (
                FirewallElement(servicePort: 9090, .tcp, family: .ipv6, address: IPAddress("fd00::1")),
                "service port [fd00::1]:9090/tcp"
            ),
        ]
        for (element, name) in names {
            #expect(element.name == name && FirewallElement(name: name) == element)
            #expect(element.published?.port == 9090)
        }
        #expect(names[0].0.key == ["ipv4", "tcp", "9090"] && names[0].0.set == "services")
        #expect(FirewallElement(name: "bridges br-front")?.published == nil)
        #expect(FirewallElement(name: "port 80/tcp")?.published?.address == nil)
    }
}
