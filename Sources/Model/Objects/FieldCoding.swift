/// Fields as JSON that loses nothing, and back: how a specification is kept beside what runs by it.
public enum FieldCoding {
    /// One pair of name and value a field. Secrets are written out: the text belongs where only root reads.
    public static func encode(_ fields: [Field]) -> JSONValue {
        .array(fields.map { [.string($0.name.description), encode($0.value)] })
    }

    /// Reads what `encode` wrote; `nil` where it is something else.
    public static func decode(_ json: JSONValue) -> [Field]? {
        guard let pairs = json.array else { return nil }
        var fields: [Field] = []
        fields.reserveCapacity(pairs.count)
        for pair in pairs {
            guard let parts = pair.array, parts.count == 2, let name = parts[0].string,
                let value = decode(value: parts[1])
            else { return nil }
            fields.append(Field(FieldName(name), value))
        }
        return fields
    }

    /// A hash of a process's specification, with its version: tells whether a record of an exit is of the same one. The
    /// files that tell it of its surroundings are no part of that.
    public static func hash(_ fields: [Field]) -> String {
        let kept = fields.filter { ![.state, .digest, .hosts, .resolver].contains($0.name) }
        return "v2:" + StableHash.hex(encode(kept).text(), digits: 16)
    }

    /// The same as version 1 had it.
    public static func firstHash(_ fields: [Field]) -> String {
        let kept = fields.filter { $0.name != .state && $0.name != .digest }
        return "v1:" + StableHash.hex(encode(kept).text(), digits: 16)
    }

    private static func encode(_ value: FieldValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .int(let number): .int(Int64(number))
        case .bool(let flag): .bool(flag)
        case .list(let items): .strings(items)
        case .secret(let text): ["secret": .string(text)]
        case .unknown(let when): ["unknown": .string(when)]
        }
    }

    private static func decode(value: JSONValue) -> FieldValue? {
        switch value {
        case .string(let text): .string(text)
        case .int(let number): .int(Int(number))
        case .bool(let flag): .bool(flag)
        case .array(let items): .list(items.compactMap(\.string))
        case .object:
            value["secret"]?.string.map { .secret($0) } ?? value["unknown"]?.string.map { .unknown($0) }
        case .null, .large, .double: nil
        }
    }
}
