/// A network namespace as a request names it.
public enum NamespaceReference: Hashable, Sendable {
    /// An open descriptor of a namespace file. It must stay open until the request is carried out.
    case descriptor(Int32)
    /// The namespace of a process.
    case process(Int32)
}
