extension ObjectKind {
    /// A network interface (rtnetlink RTM_*LINK).
    public static let link = ObjectKind(
        "link", rank: 30, replacedBy: [.type, .peer, .parent, .mode, .vlan, .carrier], diesWithParent: true,
        shown: [.type, .mode, .vlan, .parent, .mtu, .master])
}

extension FieldName {
    /// The rtnetlink kind: `bridge`, `veth`, …
    public static let type: FieldName = "type"
    /// Bytes.
    public static let mtu: FieldName = "mtu"
    /// The hardware address.
    public static let mac: FieldName = "mac"
    /// Administratively up.
    public static let up: FieldName = "up"
    /// The bridge that it is a port of.
    public static let master: FieldName = "master"
    /// A bridge port that may send back out of the port that a frame came in by.
    public static let hairpin: FieldName = "hairpin"
    /// A bridge port that reaches only ports that are not isolated.
    public static let isolated: FieldName = "isolated"
    /// A veth's other end, on the host.
    public static let peer: FieldName = "peer"
    /// The link of the host that a macvlan, ipvlan or VLAN sits on (IFLA_LINK), by name.
    public static let parent: FieldName = "parent"
    /// Who of the links on one parent reaches whom, in the kernel's words: `bridge`, `l2`, …
    public static let mode: FieldName = "mode"
    /// A VLAN's number.
    public static let vlan: FieldName = "vlan"
    /// Whether the link can send. Only of a bridge that stands in for a parent: with a MAC of another or a port that
    /// came and went it has none, and nothing but making it anew gives it back.
    public static let carrier: FieldName = "carrier"
    /// The link's group, the first half of its mark.
    public static let group: FieldName = "group"
    /// The link's alias, the second half of its mark.
    public static let alias: FieldName = "alias"
    /// Whether the kernel makes a link-local IPv6 address of its own.
    public static let linkLocal: FieldName = "linkLocal"
}

extension ObjectID {
    /// A link by its name, on the host or in a sandbox.
    public static func link(_ name: String, in sandbox: String = "") -> ObjectID {
        ObjectID(.link, name, in: sandbox)
    }
}
