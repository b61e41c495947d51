import Model
import Testing

@Suite struct AddressPoolTests {
    private func prefixes(_ texts: String...) -> [IPPrefix] { texts.compactMap { IPPrefix($0) } }

    @Test(arguments: ["10.200.0.0/16:24", "fd00:200::/48:64", "192.168.0.0/24:24", "10.0.0.0/30:31", "fd00::/8:127"])
    func readsWhatItWrites(_ text: String) throws {
        #expect(try #require(AddressPool(text)).description == text)
    }

    @Test(arguments: [
        "", "10.200.0.0/16", "10.200.0.0/16:", "10.200.0.0/16:x", "10.200.0.0/16:+24", "10.200.0.1/16:24",
        "10.200.0.0/24:16", "10.200.0.0/16:32", "fd00::/48:128", "127.0.0.0/8:24", "224.0.0.0/8:24", "fe80::/10:64",
        "0.0.0.0/0:24", "10.200.0.0:24",
    ])
    func refusesWhatIsNone(_ text: String) { #expect(AddressPool(text) == nil) }

    @Test func dockersAreThirtyOne() {
        let pools = AddressPool.docker
        #expect(pools.reduce(0) { $0 + $1.count } == 31)
        var taken: [IPPrefix] = []
        var chosen: [String] = []
        while let next = pools.lazy.compactMap({ $0.first(clearOf: taken) }).first {
            taken.append(next)
            chosen.append(next.description)
        }
        let expected = (17...31).map { "172.\($0).0.0/16" } + (0..<16).map { "192.168.\($0 * 16).0/20" }
        #expect(chosen == expected)
    }

    @Test func theFirstThatIsClear() throws {
        let pool = try #require(AddressPool("10.200.0.0/22:24"))
        #expect(pool.first(clearOf: []) == IPPrefix("10.200.0.0/24"))
        #expect(pool.first(clearOf: prefixes("10.200.0.77/32")) == IPPrefix("10.200.1.0/24"))
        #expect(pool.first(clearOf: prefixes("10.200.0.0/23")) == IPPrefix("10.200.2.0/24"))
        #expect(pool.first(clearOf: prefixes("10.200.1.0/24", "10.200.0.0/25")) == IPPrefix("10.200.2.0/24"))
        #expect(pool.first(clearOf: prefixes("10.0.0.0/8")) == nil)
        #expect(pool.first(clearOf: prefixes("fd00::/8")) == IPPrefix("10.200.0.0/24"))
    }

    /// 2^56 subnets are not gone through one by one, and the end of all addresses is an end.
    @Test func largePoolsAreQuick() throws {
        let pool = try #require(AddressPool("fd00::/8:64"))
        #expect(pool.first(clearOf: prefixes("fd00::/9")) == IPPrefix("fd80::/64"))
        #expect(pool.first(clearOf: prefixes("fd00::/9", "fd80::/9")) == nil)
        #expect(pool.count == 1 << 56)
        let last = try #require(AddressPool("10.255.255.0/24:25"))
        #expect(last.first(clearOf: prefixes("10.255.255.0/25", "10.255.255.128/25")) == nil)
    }

    @Test func aFamilyOfWhichThereAreNoneHasDockers() throws {
        let six = try #require(AddressPool("fd00:200::/48:64"))
        #expect(AddressPool.effective([six]) == [six] + AddressPool.docker)
        let four = try #require(AddressPool("10.200.0.0/16:24"))
        #expect(AddressPool.effective([four]) == [four])
        #expect(AddressPool.effective([]) == AddressPool.docker)
    }
}

@Suite struct HostAddressTests {
    @Test(arguments: [
        ("10.20.0.0/24", "10.20.0.1", ["10.20.0.0", "10.20.0.255"]),
        ("10.20.0.0/30", "10.20.0.1", ["10.20.0.0", "10.20.0.3"]),
        ("10.20.0.0/31", "10.20.0.0", []), ("10.20.0.7/32", "10.20.0.7", []), ("fd00::/64", "fd00::1", ["fd00::"]),
        ("fd00::/126", "fd00::1", ["fd00::"]), ("fd00::2/127", "fd00::2", []), ("fd00::1/128", "fd00::1", []),
    ])
    func whatHostsCanHave(_ text: String, _ first: String, _ unassignable: [String]) throws {
        let prefix = try #require(IPPrefix(text))
        #expect(prefix.firstHost.description == first)
        #expect(prefix.unassignable.map(\.description) == unassignable)
        #expect(prefix.isPointToPoint == (text.hasSuffix("/31") || text.hasSuffix("/127")))
    }
}
