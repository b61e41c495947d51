import Model
import Testing

@Suite struct MACAddressTests {
    @Test(arguments: ["00:00:00:00:00:00", "02:42:0a:14:00:0a", "ff:ff:ff:ff:ff:ff"])
    func roundTrips(_ text: String) {
        #expect(MACAddress(text)?.description == text)
        #expect(MACAddress(text.uppercased())?.description == text)
    }

    @Test(arguments: [
        "", ":::::", "02:42:0a:14:00", "02:42:0a:14:00:0a:00", "2:42:0a:14:00:0a", "02-42-0a-14-00-0a",
        "02:42:0a:14:00:-1", "02:42:0a:14:00:+1", "02:42:0a:14:00:0g", "02:42:0a:14:00:é", "0242.0a14.000a",
    ])
    func refuses(_ text: String) { #expect(MACAddress(text) == nil) }

    @Test func bytesAndBits() throws {
        let address = try #require(MACAddress("01:02:03:04:05:06"))
        #expect(address.bytes == [1, 2, 3, 4, 5, 6] && MACAddress(bytes: address.bytes) == address)
        #expect(MACAddress(bytes: [1, 2, 3]) == nil && MACAddress(bits: .max).bits == 0xffff_ffff_ffff)
        #expect(address.isMulticast && MACAddress("02:00:00:00:00:00")?.isMulticast == false)
    }

    /// Derived addresses are local and of one host; different addresses give different ones.
    @Test func derived() throws {
        var seen: Set<MACAddress> = []
        for number in 0..<1000 as Range<UInt128> {
            for start in ["10.0.0.0", "fd00::"] {
                let mac = MACAddress(derivedFrom: try #require(IPAddress(start)).advanced(by: number))
                #expect(!mac.isMulticast && mac.bytes[0] == 2)
                #expect(seen.insert(mac).inserted)
            }
        }
    }
}
