extension JSONReader {
    /// A number as RFC 8259, section 6, has it: no plus sign, no leading zeros, digits on both sides of the point.
    mutating func number() throws(Diagnostic) -> JSONValue {
        let start = offset
        if next == UInt8(ascii: "-") { offset += 1 }
        if next == UInt8(ascii: "0") {
            offset += 1
            guard !isDigit(next) else { throw mistake("a number with a leading zero") }
        } else {
            try digits()
        }
        var isWhole = true
        if next == UInt8(ascii: ".") {
            isWhole = false
            offset += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isWhole = false
            offset += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, let number = Int64(text) { return .int(number) }
        guard let number = Double(text), number.isFinite else { throw mistake("a number that is too large") }
        return .double(number)
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// One digit at least.
    private mutating func digits() throws(Diagnostic) {
        guard isDigit(next) else { throw mistake("an unreadable value") }
        while isDigit(next) { offset += 1 }
    }
}
