extension ObjectKind {
    /// A permanent neighbour on a link (RTM_*NEIGH), marked by NDA_PROTOCOL: a vxlan answers ARP and ND from these.
    public static let neighbour = ObjectKind("neighbour", rank: 52, diesWithParent: true, shown: [.mac])
}

extension ObjectID {
    /// A neighbour by its address.
    public static func neighbour(_ address: IPAddress, on link: String) -> ObjectID {
        ObjectID(.neighbour, address.description, on: link)
    }
}
