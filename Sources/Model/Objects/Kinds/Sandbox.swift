extension ObjectKind {
    /// A network namespace bound at `/run/netns/reconcile-NAME`, marked by the alias of its `lo`.
    public static let sandbox = ObjectKind("sandbox", rank: 20)
}

extension FieldName {
    /// Whether its `lo` is up.
    public static let loopback: FieldName = "loopback"
    /// Whether links in the sandbox have IPv6.
    public static let ipv6: FieldName = "ipv6"
}

extension ObjectID {
    /// A container's sandbox.
    public static func sandbox(_ container: String) -> ObjectID { ObjectID(.sandbox, container, in: container) }
}
