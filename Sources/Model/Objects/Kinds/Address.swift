extension ObjectKind {
    /// An IP address on a link (RTM_*ADDR), marked by IFA_PROTO.
    public static let address = ObjectKind("address", rank: 40, diesWithParent: true)
}

extension FieldName {
    /// Who added an address (IFA_PROTO) or route (rtm_protocol), by number: our mark on both.
    public static let `protocol`: FieldName = "protocol"
}

extension Field {
    /// Our mark on an address or route.
    public static let mark = Field(.protocol, .int(Int(Mark.protocol)))
}

extension ObjectID {
    /// An address with its prefix length on a link.
    public static func address(_ prefix: IPPrefix, on link: String, in sandbox: String = "") -> ObjectID {
        ObjectID(.address, prefix.description, on: link, in: sandbox)
    }
}
