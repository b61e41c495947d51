import Model
import Testing

/// Names in the kernel and address sequences come from this hash: another result would rename what runs.
@Suite struct StableHashTests {
    @Test func staysTheSame() {
        #expect(StableHash.of("") == StableHash.of([UInt8]()))
        #expect(StableHash.hex("default/web/front", digits: 11) == "f8a8a72ce9b")
        #expect(StableHash.hex("docker.io/library/nginx:1.27", digits: 16) == "9b86253fc08e5649")
    }

    @Test func digitsAreAPrefix() {
        for number in 0..<500 {
            let whole = StableHash.hex("\(number)", digits: 16)
            #expect(whole.utf8.count == 16 && StableHash.hex("\(number)", digits: 5) == whole.prefix(5))
            #expect(whole.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        }
    }

    /// Near names give far results: the low bits, which choose addresses, are spread evenly.
    @Test func spreads() {
        var buckets = [Int](repeating: 0, count: 16)
        for number in 0..<16_000 { buckets[Int(StableHash.of("web-\(number)/front") % 16)] += 1 }
        #expect(buckets.allSatisfy { (850...1150).contains($0) }, "\(buckets)")
    }
}
