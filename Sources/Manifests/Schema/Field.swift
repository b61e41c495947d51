import Model

/// One field of a map: its name, what it takes, and where its value goes.
struct Field<Object: Sendable>: Sendable {
    let name: String
    let bytes: [UInt8]
    let isRequired: Bool
    /// False for a field that is only known to be refused by name.
    let isSupported: Bool
    let description: String
    /// What other tools call it; a manifest that uses such a name is told ours.
    let synonyms: [String]
    /// Its JSON Schema with its default; `nil` for a field that this version refuses.
    let json: @Sendable (Object) -> JSONValue?
    let read: @Sendable (NodeIndex, inout Object, inout Decoding) -> Void

    /// A field that is stored at a path. The default in the JSON Schema is what the object has before decoding.
    init<Value>(
        _ name: String, _ path: any WritableKeyPath<Object, Value> & Sendable, _ schema: Schema<Value>,
        required: Bool = false, synonyms: [String] = [], _ description: String
    ) {
        self.init(
            name: name, required: required, synonyms: synonyms, description: description,
            json: { initial in
                guard case .object(var members) = schema.json() else { return schema.json() }
                members.append(.init("description", .string(description)))
                if !required, let value = schema.render(initial[keyPath: path]) {
                    members.append(.init("default", value))
                }
                return .object(members)
            },
            read: { node, object, decoding in
                if let value = schema.read(node, &decoding) { object[keyPath: path] = value }
            })
    }

    /// The same for what may be absent. Where the field is present it needs a value.
    init<Value>(
        _ name: String, _ path: any WritableKeyPath<Object, Value?> & Sendable, _ schema: Schema<Value>,
        required: Bool = false, synonyms: [String] = [], _ description: String
    ) {
        self.init(name, path, schema.optional, required: required, synonyms: synonyms, description)
    }

    /// A field of a version to come: refused by name, not as a typing error.
    static func unsupported(_ name: String, _ reason: String) -> Field {
        Field(
            name: name, required: false, isSupported: false, synonyms: [], description: reason, json: { _ in nil },
            read: { node, _, decoding in
                decoding.report(
                    "not-supported", "\(decoding.fieldPath) is not supported by this version", hint: reason, at: node)
            })
    }

    /// A field that stands in another place: refused with that place.
    static func elsewhere(_ name: String, _ place: String) -> Field {
        Field(
            name: name, required: false, isSupported: false, synonyms: [], description: place, json: { _ in nil },
            read: { node, _, decoding in
                decoding.report("misplaced-field", "\(decoding.fieldPath) does not stand here", hint: place, at: node)
            })
    }

    private init(
        name: String, required: Bool, isSupported: Bool = true, synonyms: [String], description: String,
        json: @escaping @Sendable (Object) -> JSONValue?,
        read: @escaping @Sendable (NodeIndex, inout Object, inout Decoding) -> Void
    ) {
        self.name = name
        bytes = Array(name.utf8)
        isRequired = required
        self.isSupported = isSupported
        self.synonyms = synonyms
        self.description = description
        self.json = json
        self.read = read
    }
}
