/// A hash that is the same in every process and version: FNV-1a, 64 bits.
///
/// Swift's own hashing is seeded per process; names that appear in the kernel, and address sequences, must not be.
public enum StableHash {
    /// The hash of some bytes.
    public static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        // FNV mixes the last bytes poorly into the high bits; one round of finalizing (splitmix64) mends that.
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        return hash ^ hash >> 31
    }

    /// The hash of a text's UTF-8.
    public static func of(_ text: String) -> UInt64 { of(text.utf8) }

    /// `count` lower-case hexadecimal digits (at most 16) of a text's hash.
    public static func hex(_ text: String, digits count: Int) -> String {
        let hash = of(text)
        let count = min(count, 16)
        return String(unsafeUninitializedCapacity: count) { buffer in
            for index in 0..<count {
                let digit = UInt8(truncatingIfNeeded: hash >> UInt64(60 - index * 4) & 15)
                buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return count
        }
    }
}
