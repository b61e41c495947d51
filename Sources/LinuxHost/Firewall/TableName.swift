/// How the firewall's table of a set is called: `reconcile`, and `reconcile-SET` for any other set than the default one.
enum TableName {
    /// The table of a set.
    static func of(_ set: String) -> String { set == "default" ? "reconcile" : "reconcile-\(set)" }

    /// The set of a table of the family inet; `nil` for a table that is none's. That of the hooks of users is theirs.
    static func set(of table: String) -> String? {
        if table == of("default") { return "default" }
        guard table.hasPrefix("reconcile-"), table != "reconcile-user" else { return nil }
        return String(table.dropFirst("reconcile-".count))
    }
}
