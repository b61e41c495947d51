/// What a field of a kernel object holds.
public enum FieldValue: Hashable, Sendable {
    case string(String)
    case int(Int)
    case bool(Bool)
    /// In an order that matters.
    case list([String])
    /// Compared like a string, never printed.
    case secret(String)
    /// What only doing can tell; equal to nothing observed. The text says when it will be known (`after pull`). Observed, it
    /// is what the kernel does not keep just now, and differs from nothing.
    case unknown(String)
}

extension FieldValue: CustomStringConvertible {
    /// For people. Secrets are never shown.
    public var description: String {
        switch self {
        case .string(let text): text.isEmpty ? "(none)" : text
        case .int(let number): String(number)
        case .bool(let value): value ? "yes" : "no"
        case .list(let items): "[" + items.joined(separator: ", ") + "]"
        case .secret: "(sensitive)"
        case .unknown(let when): "(known \(when))"
        }
    }

    /// For programs. Secrets are never shown.
    public var json: JSONValue {
        switch self {
        case .string(let text): .string(text)
        case .int(let number): .int(Int64(number))
        case .bool(let value): .bool(value)
        case .list(let items): .strings(items)
        case .secret, .unknown: .string(description)
        }
    }
}

extension FieldValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A number.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// One field of a kernel object.
public struct Field: Hashable, Sendable {
    /// Its name.
    public let name: FieldName
    /// What it holds.
    public let value: FieldValue

    /// A field.
    public init(_ name: FieldName, _ value: FieldValue) {
        self.name = name
        self.value = value
    }
}
