extension JSONReader {
    /// A string; what is no UTF-8 in it becomes U+FFFD.
    mutating func string() throws(Diagnostic) -> String {
        guard next == UInt8(ascii: "\"") else { throw mistake("a missing quotation mark") }
        offset += 1
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\") {
            guard bytes[offset] >= 0x20 else { throw mistake("a control character in a string") }
            offset += 1
        }
        guard offset < bytes.count else { throw mistake("a string without an end") }
        if bytes[offset] == UInt8(ascii: "\"") {
            offset += 1
            return String(decoding: bytes[start..<offset - 1], as: UTF8.self)
        }
        offset = start
        return try escapedString()
    }

    private mutating func escapedString() throws(Diagnostic) -> String {
        var units: [UInt16] = []
        var text = ""
        var run: [UInt8] = []
        func flush() {
            text += String(decoding: run, as: UTF8.self) + String(decoding: units, as: UTF16.self)
            run.removeAll(keepingCapacity: true)
            units.removeAll(keepingCapacity: true)
        }
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: "\"") {
                flush()
                return text
            }
            guard byte >= 0x20 else { throw mistake("a control character in a string") }
            guard byte == UInt8(ascii: "\\") else {
                if !units.isEmpty { flush() }
                run.append(byte)
                continue
            }
            let escape = next
            offset += 1
            if escape == UInt8(ascii: "u") {
                if !run.isEmpty { flush() }
                units.append(try hexUnit())
                continue
            }
            if !units.isEmpty { flush() }
            switch escape {
            case UInt8(ascii: "n"): run.append(0x0a)
            case UInt8(ascii: "t"): run.append(0x09)
            case UInt8(ascii: "r"): run.append(0x0d)
            case UInt8(ascii: "b"): run.append(0x08)
            case UInt8(ascii: "f"): run.append(0x0c)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): run.append(escape)
            default: throw mistake("an unknown escape")
            }
        }
        throw mistake("a string without an end")
    }

    private mutating func hexUnit() throws(Diagnostic) -> UInt16 {
        // Digits only: what reads numbers would take a sign.
        guard offset + 4 <= bytes.count, bytes[offset] != UInt8(ascii: "+"), bytes[offset] != UInt8(ascii: "-"),
            let unit = UInt16(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw mistake("an unreadable \\u escape") }
        offset += 4
        return unit
    }
}
