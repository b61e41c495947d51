extension ObjectKind {
    /// A network namespace bound at `/run/netns/reconcile-NAME`, marked by the alias of its `lo`.
    public static let sandbox = ObjectKind("sandbox", rank: 20)
}

extension FieldName {
    /// Whether its `lo` is up.
    public static let loopback: FieldName = "loopback"
    /// Whether it is bound at its path; not so where only a living process still holds it.
    public static let bound: FieldName = "bound"
}

extension ObjectID {
    /// A container's sandbox.
    public static func sandbox(_ container: String) -> ObjectID { ObjectID(.sandbox, container, in: container) }
}
