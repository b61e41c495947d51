import Model

/// A map with known fields, read into a value.
struct ObjectSchema<Object: Sendable>: Sendable {
    /// As it stands in messages: "Container spec".
    let name: String
    /// What the value is before any field is read: the defaults.
    let initial: Object
    let fields: [Field<Object>]
    /// A right value on one line, for hints.
    let example: String?

    init(_ name: String, initial: Object, example: String? = nil, _ fields: [Field<Object>]) {
        self.name = name
        self.initial = initial
        self.fields = fields
        self.example = example
    }

    /// Reads a map into a value that has its defaults already. Returns false where a field is missing, unknown or wrong.
    func read(_ node: NodeIndex, into object: inout Object, _ decoding: inout Decoding) -> Bool {
        guard decoding.tree[node].kind == .mapping else {
            let hint = decoding.tree.isEmpty(node) ? nil : example.map { "write \($0)" }
            decoding.reportType("a map", at: node, hint: hint)
            return false
        }
        let before = decoding.errorCount
        var seen: UInt64 = 0
        for entry in decoding.tree.entries(node) where decoding.tree[entry.key].kind == .scalar {
            guard let index = fields.firstIndex(where: { decoding.tree.scalar(entry.key, equals: $0.bytes) }) else {
                reportUnknown(entry.key, &decoding)
                continue
            }
            seen |= 1 << UInt64(index)
            decoding.within(key: entry.key, value: entry.value) { fields[index].read($0, &object, &$1) }
        }
        for (index, field) in fields.enumerated() where field.isRequired && seen & 1 << UInt64(index) == 0 {
            decoding.report(
                "missing-field", "\(name) needs the field \"\(field.name)\"", hint: field.description, at: node)
        }
        return decoding.errorCount == before
    }

    /// The same as a type of values.
    var schema: Schema<Object> {
        Schema(expected: "a map", json: json()) { node, decoding in
            var object = initial
            return read(node, into: &object, &decoding) ? object : nil
        }
    }

    /// Its JSON Schema: no other fields than these.
    func json() -> JSONValue {
        var properties: [JSONValue.Member] = []
        var required: [JSONValue] = []
        for field in fields {
            guard let json = field.json(initial) else { continue }
            properties.append(.init(field.name, json))
            if field.isRequired { required.append(.string(field.name)) }
        }
        var members: [JSONValue.Member] = [.init("type", "object")]
        if !required.isEmpty { members.append(.init("required", .array(required))) }
        members.append(.init("properties", .object(properties)))
        members.append(.init("additionalProperties", false))
        return .object(members)
    }

    private func reportUnknown(_ key: NodeIndex, _ decoding: inout Decoding) {
        // No search for what was meant where nobody will read it.
        guard !decoding.isFull else { return decoding.report("unknown-field", "unknown field", at: key) }
        let text = decoding.tree.string(key)
        let synonym = fields.first { $0.synonyms.contains(text) }
        let hint =
            synonym.map { "did you mean \"\($0.name)\"?" }
            ?? NearestName.hint(for: text, among: fields.map(\.name))
            ?? "its fields are \(fields.filter(\.isSupported).map(\.name).joined(separator: ", "))"
        decoding.report("unknown-field", "unknown field \(quoted(text)) in \(name)", hint: hint, at: key)
    }
}
