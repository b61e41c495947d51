/// The order of texts in which runs of digits count by their value: `80/tcp` before `443/tcp`.
enum NaturalOrder {
    static func isBefore(_ left: String, _ right: String) -> Bool {
        var (left, right) = (left.utf8[...], right.utf8[...])
        while let first = left.first, let second = right.first {
            guard isDigit(first), isDigit(second) else {
                if first != second { return first < second }
                left.removeFirst()
                right.removeFirst()
                continue
            }
            let (one, other) = (takeNumber(&left), takeNumber(&right))
            if one.count != other.count { return one.count < other.count }
            if let pair = zip(one, other).first(where: { $0 != $1 }) { return pair.0 < pair.1 }
        }
        return left.isEmpty && !right.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// The digits at the front without leading zeros.
    private static func takeNumber(_ text: inout Substring.UTF8View) -> [UInt8] {
        let digits = text.prefix(while: isDigit)
        text = text.dropFirst(digits.count)
        return Array(digits.drop { $0 == 0x30 })
    }
}
