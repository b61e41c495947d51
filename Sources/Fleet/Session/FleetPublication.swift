/// All that a node tells the fleet of itself. What is published replaces what was published before.
public struct FleetPublication: Hashable, Sendable {
    /// The node. Its name, instance and certificate's end are filled in.
    public var node: NodeEntry
    /// Its endpoints on overlay networks; `node` is filled in.
    public var endpoints: [EndpointEntry]

    /// A publication by its parts.
    public init(node: NodeEntry, endpoints: [EndpointEntry] = []) {
        self.node = node
        self.endpoints = endpoints
    }
}
