/// The texts of unique keys that desired and observed objects must agree on.
public enum UniqueKey {
    /// A hardware address, which no two links of one network may have.
    public static func mac(_ address: String, in network: String) -> String { "mac \(address) in \(network)" }

    /// A link's name in its namespace. Only where what it stands on may change under the same name: the old one has to be
    /// gone first.
    public static func name(of link: ObjectID) -> String { "name \(link.name) in \(link.sandbox)" }

    /// All of a link of the host: a macvlan of the mode passthru leaves no room for a second one.
    public static func wholeParent(_ name: String) -> String { "parent \(name)" }

    /// The first IPv4 address of a subnet on a link in a sandbox. With it the kernel removes those that were added after
    /// it (`__inet_del_ifa` in net/ipv4/devinet.c): so the old one goes before the new one comes.
    public static func primary(_ address: IPPrefix, on link: String, in sandbox: String) -> String {
        "\(address.network) on \(link) in \(sandbox)"
    }
}
