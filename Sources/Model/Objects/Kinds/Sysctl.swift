extension ObjectKind {
    /// A file below /proc/sys. Removing one means writing back the value from before our change.
    public static let sysctl = ObjectKind("sysctl", rank: 60, diesWithParent: true, shown: [.value])
}

extension FieldName {
    /// The text of a sysctl, without its line break.
    public static let value: FieldName = "value"
}

extension ObjectID {
    /// A sysctl of the host by its path below /proc/sys (`net/ipv4/conf/eth0/forwarding`).
    public static func sysctl(_ path: String) -> ObjectID { ObjectID(.sysctl, path) }
}
