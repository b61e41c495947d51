import CLinux

/// `enum ctattr_type` and the enums nested in it, of `linux/netfilter/nfnetlink_conntrack.h`.
enum ConntrackAttribute {
    static let original = Int(CTA_TUPLE_ORIG.rawValue)
    static let reply = Int(CTA_TUPLE_REPLY.rawValue)
    static let status = Int(CTA_STATUS.rawValue)
    static let mark = Int(CTA_MARK.rawValue)
    static let id = Int(CTA_ID.rawValue)
    static let zone = Int(CTA_ZONE.rawValue)

    static let tupleAddresses = Int(CTA_TUPLE_IP.rawValue)
    static let tupleProtocol = Int(CTA_TUPLE_PROTO.rawValue)

    static let ipv4Source = Int(CTA_IP_V4_SRC.rawValue)
    static let ipv4Destination = Int(CTA_IP_V4_DST.rawValue)
    static let ipv6Source = Int(CTA_IP_V6_SRC.rawValue)
    static let ipv6Destination = Int(CTA_IP_V6_DST.rawValue)

    static let protocolNumber = Int(CTA_PROTO_NUM.rawValue)
    static let sourcePort = Int(CTA_PROTO_SRC_PORT.rawValue)
    static let destinationPort = Int(CTA_PROTO_DST_PORT.rawValue)

    /// Message types are numbered within the subsystem (`linux/netfilter/nfnetlink.h`).
    static func message(_ type: cntl_msg_types) -> Int { Int(NFNL_SUBSYS_CTNETLINK) << 8 | Int(type.rawValue) }
}
