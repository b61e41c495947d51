/// Which link a request is about.
public enum LinkReference: Hashable, Sendable, CustomStringConvertible {
    /// By `ifindex`.
    case index(Int32)
    /// By name: also one that an earlier request of the same batch creates.
    case name(String)

    /// `br-front` or `#7`.
    public var description: String {
        switch self {
        case .index(let index): "#\(index)"
        case .name(let name): name
        }
    }
}
