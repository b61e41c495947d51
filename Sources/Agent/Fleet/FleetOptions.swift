import Model

/// What a node says of itself in its fleet.
public struct FleetOptions: Hashable, Sendable {
    /// The address that its tunnels end at; `nil`: the first global one of the link with the default route.
    public var tunnel: IPAddress?
    /// Its labels, which `nodeSelector` matches.
    public var labels: [String: String]

    /// Options; by default those of a node without labels.
    public init(tunnel: IPAddress? = nil, labels: [String: String] = [:]) {
        self.tunnel = tunnel
        self.labels = labels
    }
}
