extension ObjectKind {
    /// A container's process tree. The kernel changes little of a living one: what is not named here replaces it.
    public static let process = ObjectKind("process", rank: 80, isClosed: true)
}

extension FieldName {
    /// `running`, `exited`, `created`.
    public static let state: FieldName = "state"
    /// The text of an image's source.
    public static let image: FieldName = "image"
    /// The sandbox that a process runs in: a container's name, or `host`.
    public static let sandbox: FieldName = "sandbox"
}

extension ObjectID {
    /// A container's process.
    public static func process(_ container: String) -> ObjectID { ObjectID(.process, container, in: container) }
}
