import CLinux

/// `enum rtattr_type_t` of `linux/rtnetlink.h`.
enum RouteAttribute {
    static let destination = Int(RTA_DST.rawValue)
    static let outputLink = Int(RTA_OIF.rawValue)
    static let gateway = Int(RTA_GATEWAY.rawValue)
    static let via = Int(RTA_VIA.rawValue)
    static let priority = Int(RTA_PRIORITY.rawValue)
    static let preferredSource = Int(RTA_PREFSRC.rawValue)
    static let multipath = Int(RTA_MULTIPATH.rawValue)
    static let table = Int(RTA_TABLE.rawValue)
    static let expires = Int(RTA_EXPIRES.rawValue)
    static let cacheInfo = Int(RTA_CACHEINFO.rawValue)
}
