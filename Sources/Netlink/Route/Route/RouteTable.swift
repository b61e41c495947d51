import CLinux

/// Routing tables: `enum rt_class_t` of `linux/rtnetlink.h`.
public enum RouteTable {
    /// Where routes go unless told otherwise: 254.
    public static let main = RT_TABLE_MAIN.rawValue
    /// The host's own addresses: 255.
    public static let local = RT_TABLE_LOCAL.rawValue
}
