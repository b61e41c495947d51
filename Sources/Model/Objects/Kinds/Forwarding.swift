extension ObjectKind {
    /// Where a vxlan sends frames for a MAC, and that the bridge above sends them to the vxlan (RTM_*NEIGH of AF_BRIDGE).
    ///
    /// The kernel keeps no mark with such an entry: all that are on a vxlan of ours are ours.
    public static let forwarding = ObjectKind("forwarding", rank: 54, diesWithParent: true, shown: [.destination])
}

extension FieldName {
    /// The tunnel endpoint (VTEP, RFC 7348) that has a MAC.
    public static let destination: FieldName = "destination"
    /// Whether the bridge has an entry that leads to the vxlan.
    public static let bridged: FieldName = "bridged"
}

extension ObjectID {
    /// A forwarding entry by its MAC.
    public static func forwarding(_ mac: MACAddress, on link: String) -> ObjectID {
        ObjectID(.forwarding, mac.description, on: link)
    }
}
