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

/// Reads one document from its bytes.
struct JSONReader {
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
}
