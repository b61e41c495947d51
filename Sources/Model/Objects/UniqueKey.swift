/// The texts of unique keys that desired and observed objects must agree on.
public enum UniqueKey {
    /// A hardware address, which no two links of one network may have.
    public static func mac(_ address: String, in network: String) -> String { "mac \(address) in \(network)" }

    /// The first IPv4 address of a subnet on a link in a sandbox. With it the kernel removes those that were added after
    /// it (`__inet_del_ifa` in net/ipv4/devinet.c): so the old one goes before the new one comes.
    public static func primary(_ address: IPPrefix, on link: String, in sandbox: String) -> String {
        "\(address.network) on \(link) in \(sandbox)"
    }
}
