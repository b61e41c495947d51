import Model
import Testing

@Suite struct FirewallElementTests {
    @Test func namesOfPorts() throws {
        let loopback = try #require(IPAddress("127.0.0.1"))
        let other = try #require(IPAddress("2001:db8::1"))
        let cases: [(FirewallElement, String)] = [
            (FirewallElement(port: 8080, .tcp, family: .ipv4, address: nil), "port 8080/tcp"),
            (FirewallElement(port: 8080, .udp, family: .ipv6, address: nil), "port [::]:8080/udp"),
            (FirewallElement(port: 8080, .tcp, family: .ipv4, address: loopback), "port 127.0.0.1:8080/tcp"),
            (FirewallElement(port: 53, .sctp, family: .ipv6, address: other), "port [2001:db8::1]:53/sctp"),
        ]
        for (element, name) in cases {
            #expect(element.name == name && FirewallElement(name: name) == element)
            #expect(element.id == ObjectID(.firewall, name))
        }
    }

    @Test(arguments: [
        FirewallElement(set: "bridges", key: ["br-front"]),
        FirewallElement(set: "same", key: ["br-front", "br-front"]),
        FirewallElement(set: "subnets4", key: ["br-front", "10.20.0.0/24"]),
        FirewallElement(set: "outbound", key: ["ipv4", "br-front"]),
        FirewallElement(set: "open6", key: ["fd00::1", "tcp", "80"]),
    ])
    func roundTrips(_ element: FirewallElement) { #expect(FirewallElement(name: element.name) == element) }

    @Test func everyPortRoundTrips() throws {
        for port in stride(from: 0 as UInt16, to: 65000, by: 499) {
            for family in IPAddress.Family.allCases {
                for address in [nil, IPAddress(family: family, bits: 0x0102_0304)] {
                    for transport in TransportProtocol.allCases {
                        let element = FirewallElement(port: port, transport, family: family, address: address)
                        #expect(FirewallElement(name: element.name) == element)
                    }
                }
            }
        }
    }

    @Test(arguments: ["", "table", "chain raw", "port", "port 8080", "port "])
    func isNoElement(_ name: String) { #expect(FirewallElement(name: name) == nil) }
}
