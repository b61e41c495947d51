import Model

/// A host port that another set of this host publishes: its table and the comments of its elements tell whose it is.
public struct PortOfAnotherSet: Hashable, Sendable {
    /// The set.
    public var set: String
    /// The container or service in that set.
    public var resource: ResourceID
    /// The port, with the container's port that it leads to.
    public var port: PublishedPort

    /// A port of a set.
    public init(set: String, resource: ResourceID, port: PublishedPort) {
        self.set = set
        self.resource = resource
        self.port = port
    }

    /// `container/web of set blue`.
    public var holder: String { "\(resource) of set \(set)" }
}
