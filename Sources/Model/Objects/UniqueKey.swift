/// The texts of unique keys that desired and observed objects must agree on.
public enum UniqueKey {
    /// A hardware address, which no two links of one network may have.
    public static func mac(_ address: String, in network: String) -> String { "mac \(address) in \(network)" }
}
