extension ObjectKind {
    /// A route of the main table (RTM_*ROUTE), marked by its protocol.
    public static let route = ObjectKind("route", rank: 50, diesWithParent: true, shown: [.via])
}

extension FieldName {
    /// The next hop of a route.
    public static let via: FieldName = "via"
}

extension ObjectID {
    /// A route by its destination; the default routes are `default` and `default6`.
    public static func route(_ destination: String, on link: String, in sandbox: String = "") -> ObjectID {
        ObjectID(.route, destination, on: link, in: sandbox)
    }

    /// The name of a family's default route.
    public static func defaultRoute(_ family: IPAddress.Family) -> String { family == .ipv4 ? "default" : "default6" }
}
