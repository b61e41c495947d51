/// What every resource has: its name, labels, annotations, and where in the manifests it and its fields stand.
public struct Metadata: Hashable, Sendable {
    /// One DNS label (RFC 1123).
    public var name: String
    /// Free labels; `nodeSelector` matches the node's, not these.
    public var labels: [String: String]
    /// Free notes for tools, ours included.
    public var annotations: [String: String]
    /// Where the document begins; `nil` for what no manifest names (the predefined networks).
    public var position: SourcePosition?
    /// Where fields stand, by their path below `spec` (`image`, `networks[0].ipv4`, `ports[1]`).
    public var fieldPositions: [String: SourcePosition]

    /// Metadata of a resource.
    public init(
        name: String, labels: [String: String] = [:], annotations: [String: String] = [:],
        position: SourcePosition? = nil, fieldPositions: [String: SourcePosition] = [:]
    ) {
        self.name = name
        self.labels = labels
        self.annotations = annotations
        self.position = position
        self.fieldPositions = fieldPositions
    }

    /// Where a field stands; the nearest enclosing field or the document where it was not written.
    public func position(of path: String) -> SourcePosition? {
        guard !fieldPositions.isEmpty else { return position }
        var path = path
        while !path.isEmpty {
            if let found = fieldPositions[path] { return found }
            guard let cut = path.utf8.lastIndex(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") }) else {
                break
            }
            path = String(path[..<cut])
        }
        return position
    }
}
