import CLinux

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

/// A network namespace as a request names it.
public enum NamespaceReference: Hashable, Sendable {
    /// An open descriptor of a namespace file. It must stay open until the request is carried out.
    case descriptor(Int32)
    /// The namespace of a process.
    case process(Int32)
}
