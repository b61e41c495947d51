extension ObjectKind {
    /// Something in our nftables table: the table, a chain, a set or map, an element. One pass changes all of them in
    /// one transaction.
    public static let firewall = ObjectKind("firewall", rank: 70, replacedBy: [.type, .hook], diesWithParent: true)
}

extension FieldName {
    /// Where a published port goes: address and port.
    public static let target: FieldName = "target"
    /// A base chain's hook and priority.
    public static let hook: FieldName = "hook"
    /// The rules of a chain, in order.
    public static let rules: FieldName = "rules"
}

extension ObjectID {
    /// The table that all else hangs on.
    public static let firewallTable = ObjectID(.firewall, "table")

    /// A chain.
    public static func firewallChain(_ name: String) -> ObjectID { ObjectID(.firewall, "chain \(name)") }

    /// A set or map.
    public static func firewallSet(_ name: String) -> ObjectID { ObjectID(.firewall, "set \(name)") }
}
