extension ObjectKind {
    /// An IP address on a link (RTM_*ADDR), marked by IFA_PROTO.
    public static let address = ObjectKind("address", rank: 40, diesWithParent: true)
}

extension ObjectID {
    /// An address with its prefix length on a link.
    public static func address(_ prefix: IPPrefix, on link: String, in sandbox: String = "") -> ObjectID {
        ObjectID(.address, prefix.description, on: link, in: sandbox)
    }
}
