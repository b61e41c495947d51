import Glibc
import Model

/// Address families as netlink numbers them (`AF_…`).
enum AddressFamily {
    static let unspecified: Int32 = AF_UNSPEC
    static let ipv4: Int32 = AF_INET
    static let ipv6: Int32 = AF_INET6
    static let bridge: Int32 = AF_BRIDGE

    /// The family's number as the first byte of a message; 0, all families, for `nil`.
    static func byte(_ family: IPAddress.Family?) -> UInt8 {
        switch family {
        case nil: UInt8(unspecified)
        case .ipv4: UInt8(ipv4)
        case .ipv6: UInt8(ipv6)
        }
    }

    /// IPv4 or IPv6; `nil` for any other number.
    static func family(_ byte: UInt8) -> IPAddress.Family? {
        switch Int32(byte) {
        case ipv4: .ipv4
        case ipv6: .ipv6
        default: nil
        }
    }
}
