/// A link that drops what it is given: `drivers/net/dummy.c`. It has no attributes of its own.
public struct Dummy: LinkKind {
    /// `dummy`.
    public static let kind = "dummy"

    /// A dummy.
    public init() {}

    /// Writes nothing.
    public func encode(into writer: inout MessageWriter) {}
}
