import Model
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        "0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "1:2:3:4:5:6:7:8",
        "2001:db8::8:800:200c:417a",
        "::ffff:192.0.2.1", "1:0:0:2::3", "fd00:20::",
    ])
    func roundTrips(_ text: String) {
        #expect(IPAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", ":", ":::", "1::2::3", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "12345::", "::1%eth0", "g::", "1:2:3:4:5:6:7:8::", "1:", ":1",
    ])
    func refuses(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func prefixes() throws {
        let subnet = try #require(IPPrefix("10.20.0.0/24"))
        #expect(subnet.first == IPAddress("10.20.0.0") && subnet.last == IPAddress("10.20.0.255"))
        #expect(subnet.count == 256 && subnet.isNetwork)
        #expect(try subnet.overlaps(#require(IPPrefix("10.0.0.0/8"))))
        #expect(try !subnet.overlaps(#require(IPPrefix("10.20.1.0/24"))))
        #expect(IPPrefix("10.0.0.0/33") == nil && IPPrefix("10.0.0.0/08") == nil && IPPrefix("10.0.0.0") == nil)
        #expect(try #require(IPPrefix("::/0")).count == .max)
    }

    @Test func macAddresses() throws {
        #expect(MACAddress("02:42:0a:14:00:0a")?.description == "02:42:0a:14:00:0a")
        #expect(MACAddress("02:42:0a:14:00") == nil && MACAddress("02:42:0a:14:00:+a") == nil)
        #expect(try MACAddress(derivedFrom: #require(IPAddress("10.20.0.10"))).description == "02:42:0a:14:00:0a")
    }
}
