/// A wish to hold something.
public struct ClaimRequest: Hashable, Sendable {
    /// What.
    public var key: ClaimKey
    /// For what on this node: `container/web`, `ingress`.
    public var holder: String
    /// A claim of somebody else that it takes the place of, as it was seen: it succeeds only while that is unchanged.
    /// For what a dead node has left behind.
    public var replacing: Claim?

    /// A request by its parts.
    public init(_ key: ClaimKey, holder: String, replacing: Claim? = nil) {
        self.key = key
        self.holder = holder
        self.replacing = replacing
    }
}
