extension ObjectKind {
    /// Something in our nftables table: the table with its sets and maps, a chain, an
    /// element. One pass changes all of them in one transaction.
    public static let firewall = ObjectKind(
        "firewall", rank: 70, replacedBy: [.sets, .hook], diesWithParent: true, shown: [.target, .hook])
}

extension FieldName {
    /// Where a published port goes: address and port.
    public static let target: FieldName = "target"
    /// A base chain's hook and priority.
    public static let hook: FieldName = "hook"
    /// The sets and maps of the table, each with the type of its key and value.
    public static let sets: FieldName = "sets"
    /// The rules of a chain, in order.
    public static let rules: FieldName = "rules"
}

extension ObjectID {
    /// The table that all else hangs on.
    public static let firewallTable = ObjectID(.firewall, "table")

    /// A chain.
    public static func firewallChain(_ name: String) -> ObjectID { ObjectID(.firewall, "chain \(name)") }
}
