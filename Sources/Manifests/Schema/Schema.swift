import Model

/// The definition of one type of value: how it is read from YAML, and what JSON Schema says of it. Both come from the
/// same definition, so that an editor accepts what `reconcile` does.
struct Schema<Value>: Sendable {
    /// What a value must be, as it stands in messages: "a whole number from 68 to 65535".
    let expected: String
    /// Its JSON Schema (draft 7), a function because it is seldom wanted.
    let json: @Sendable () -> JSONValue
    /// A value as JSON, for defaults; `nil` for "no value".
    let render: @Sendable (Value) -> JSONValue?
    /// Reads a node; reports and returns `nil` where it cannot.
    let read: @Sendable (NodeIndex, inout Decoding) -> Value?

    init(
        expected: String, json: @escaping @autoclosure @Sendable () -> JSONValue,
        render: @escaping @Sendable (Value) -> JSONValue? = { _ in nil },
        read: @escaping @Sendable (NodeIndex, inout Decoding) -> Value?
    ) {
        self.expected = expected
        self.json = json
        self.render = render
        self.read = read
    }

    /// The same with its values as JSON.
    func rendered(_ render: @escaping @Sendable (Value) -> JSONValue?) -> Schema {
        Schema(expected: expected, json: json(), render: render, read: read)
    }

    /// The same text or map for a value of another type.
    func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> Schema<Other> {
        Schema<Other>(expected: expected, json: json()) { node, decoding in read(node, &decoding).map(transform) }
    }

    /// The same for a field that may be absent. Where it is present it needs a value.
    var optional: Schema<Value?> {
        Schema<Value?>(expected: expected, json: json()) { node, decoding in
            read(node, &decoding).map { .some($0) }
        }.rendered { $0.flatMap(render) }
    }
}

/// Why a text is not what it should be.
struct Misreading: Error {
    /// What would be right.
    var hint: String?
    /// In place of "must be …, not …".
    var message: String?
    /// What programs go by.
    var code: String

    init(hint: String? = nil, message: String? = nil, code: String = "invalid-value") {
        self.hint = hint
        self.message = message
        self.code = code
    }
}
