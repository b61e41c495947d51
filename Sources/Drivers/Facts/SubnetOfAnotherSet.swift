import Model

/// A subnet of a network of another set of this host: its table has it, with the bridge and the name of the network.
public struct SubnetOfAnotherSet: Hashable, Sendable {
    /// The set.
    public var set: String
    /// The network in that set.
    public var resource: ResourceID
    /// The subnet.
    public var prefix: IPPrefix
    /// The bridge.
    public var link: String

    /// A subnet of a set.
    public init(set: String, resource: ResourceID, prefix: IPPrefix, link: String) {
        self.set = set
        self.resource = resource
        self.prefix = prefix
        self.link = link
    }

    /// `network/front of set blue`.
    public var holder: String { "\(resource) of set \(set)" }
}
