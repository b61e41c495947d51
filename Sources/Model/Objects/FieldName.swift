/// The name of a field of a kernel object, as plans and events print it.
public struct FieldName: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name.
    public let description: String

    /// A name.
    public init(_ name: String) { description = name }

    /// A name.
    public init(stringLiteral value: String) { description = value }

    /// By text.
    public static func < (left: FieldName, right: FieldName) -> Bool { left.description < right.description }
}
