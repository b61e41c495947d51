/// What makes one kind of link: its name, and what it puts into `IFLA_INFO_DATA`.
///
/// A new kind is one file beside this one; if it is also read back, one line in ``LinkMessage``.
public protocol LinkKind: Hashable, Sendable {
    /// `IFLA_INFO_KIND`: the name that the kernel's module registers.
    static var kind: String { get }
    /// Writes the attributes of the kind; those that are `nil` are left out.
    func encode(into writer: inout MessageWriter)
}
