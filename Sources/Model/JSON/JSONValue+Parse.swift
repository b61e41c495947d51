extension JSONValue {
    /// Reads one JSON document (RFC 8259); throws a diagnostic that gives the offset of the first mistake.
    ///
    /// libnftables answers with tens of thousands of small values; this reader makes them without Foundation's
    /// intermediate objects, and keeps members in order.
    public init(parsing bytes: some Collection<UInt8>) throws(Diagnostic) {
        let parsed: Result<JSONValue, Diagnostic>? = bytes.withContiguousStorageIfAvailable { Self.parse($0) }
        switch parsed ?? Array(bytes).withUnsafeBufferPointer({ Self.parse($0) }) {
        case .success(let value): self = value
        case .failure(let diagnostic): throw diagnostic
        }
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, Diagnostic> {
        var reader = JSONReader(bytes: bytes)
        do throws(Diagnostic) {
            let value = try reader.value(depth: 0)
            reader.skipSpace()
            guard reader.offset == bytes.count else { throw reader.mistake("text after the document") }
            return .success(value)
        } catch {
            return .failure(error)
        }
    }
}

private struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var offset = 0

    func mistake(_ what: String) -> Diagnostic {
        Diagnostic(code: "bad-json", "not JSON: \(what) at byte \(offset)")
    }

    var next: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0a, 0x0d, 0x09: offset += 1
            default: return
            }
        }
    }

    mutating func value(depth: Int) throws(Diagnostic) -> JSONValue {
        guard depth < 512 else { throw mistake("nested too deeply") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(Diagnostic) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard next == word.utf8Start[index] else { throw mistake("an unknown word") }
            offset += 1
        }
        return value
    }

    /// True where a list goes on; steps over the comma or the closing byte.
    private mutating func goesOn(until close: UInt8) throws(Diagnostic) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: ",") || next == close else { throw mistake("a missing comma or bracket") }
        offset += 1
        return bytes[offset - 1] != close
    }

    private mutating func isEmpty(_ close: UInt8) -> Bool {
        offset += 1
        skipSpace()
        guard next == close else { return false }
        offset += 1
        return true
    }

    private mutating func array(depth: Int) throws(Diagnostic) -> JSONValue {
        var values: [JSONValue] = []
        if isEmpty(UInt8(ascii: "]")) { return .array(values) }
        repeat { values.append(try value(depth: depth + 1)) } while try goesOn(until: UInt8(ascii: "]"))
        return .array(values)
    }

    private mutating func object(depth: Int) throws(Diagnostic) -> JSONValue {
        var members: [JSONValue.Member] = []
        if isEmpty(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            let name = try string()
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw mistake("a missing colon") }
            offset += 1
            members.append(JSONValue.Member(name, try value(depth: depth + 1)))
        } while try goesOn(until: UInt8(ascii: "}"))
        return .object(members)
    }

    private mutating func number() throws(Diagnostic) -> JSONValue {
        let start = offset
        var isWhole = true
        loop: while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isWhole = false
            default: break loop
            }
            offset += 1
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, let number = Int64(text) { return .int(number) }
        guard let number = Double(text) else { throw mistake("an unreadable value") }
        return .double(number)
    }

    private mutating func string() throws(Diagnostic) -> String {
        guard next == UInt8(ascii: "\"") else { throw mistake("a missing quotation mark") }
        offset += 1
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\") {
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
        guard offset + 4 <= bytes.count,
            let unit = UInt16(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw mistake("an unreadable \\u escape") }
        offset += 4
        return unit
    }
}
