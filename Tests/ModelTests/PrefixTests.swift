import Model
import Testing

@Suite struct PrefixTests {
    @Test(arguments: ["10.20.0.0/24", "0.0.0.0/0", "10.0.0.1/32", "fd00:20::/64", "::/0", "::1/128", "10.20.0.7/24"])
    func roundTrips(_ text: String) { #expect(IPPrefix(text)?.description == text) }

    @Test(arguments: [
        "", "/", "10.0.0.0", "10.0.0.0/", "/24", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/33", "::/129", "10.0.0.0/08",
        "10.0.0.0/8/8", "10.0.0.0/ 8", "10.0.0.0/99999999999999999999", "10.0.0/8",
    ])
    func refuses(_ text: String) { #expect(IPPrefix(text) == nil) }

    @Test func boundsAndCounts() throws {
        let odd = try #require(IPPrefix("10.20.0.7/24"))
        #expect(!odd.isNetwork && odd.network.description == "10.20.0.0/24")
        #expect(odd.first.description == "10.20.0.0" && odd.last.description == "10.20.0.255" && odd.count == 256)
        #expect(try #require(IPPrefix("::/0")).last.description == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
        #expect(try #require(IPPrefix("10.0.0.1/32")).count == 1)
        #expect(
            IPPrefix(IPAddress(v4: 0), length: 99).length == 32 && IPPrefix(IPAddress(v4: 0), length: -1).length == 0)
    }

    /// Containing, overlapping and counting agree with each other, for many pairs.
    @Test func agreesWithItself() {
        for left in 0..<64 as Range<UInt32> {
            for right in 0..<64 as Range<UInt32> {
                let first = IPPrefix(IPAddress(v4: left << 27), length: Int(left % 9))
                let second = IPPrefix(IPAddress(v4: right << 26), length: Int(right % 9))
                let contains = first.contains(second)
                #expect(contains == (first.contains(second.first) && first.contains(second.last)))
                #expect(!contains || first.overlaps(second))
                #expect(first.overlaps(second) == second.overlaps(first))
            }
        }
    }

    @Test func familiesDoNotMix() throws {
        let all = try #require(IPPrefix("::/0"))
        #expect(!all.contains(IPAddress(v4: 1)) && !IPPrefix(IPAddress(v4: 0), length: 0).overlaps(all))
    }
}
