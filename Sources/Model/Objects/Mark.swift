/// How the kernel itself says that an object is ours, and whose.
///
/// Links, and the `lo` of a sandbox, carry the text of a mark as their alias: `reconcile:1 SET KIND/NAME …`.
public struct Mark: Hashable, Sendable {
    /// The group that each of our links is created with, so that none exists unmarked even for an instant ("rc").
    public static let linkGroup: UInt32 = 0x7263
    /// IFA_PROTO of our addresses, and the protocol of our routes and neighbours.
    public static let `protocol`: UInt8 = 82
    /// The role of a bridge that stands in for a parent that a network lacks.
    public static let standIn = "stand-in"

    /// The ownership set.
    public let set: String
    /// Whom it belongs to.
    public let resource: ResourceID
    /// The network of an endpoint's link; `nil` on other links.
    public let network: String?
    /// What a link is for, where its resource does not tell; `nil` on most.
    public let role: String?

    /// A mark.
    public init(set: String, resource: ResourceID, network: String? = nil, role: String? = nil) {
        self.set = set
        self.resource = resource
        self.network = network
        self.role = role
    }

    /// Reads a link's alias; `nil` where it is no mark of ours. Each pass reads thousands: hence no splitting into words.
    public init?(alias: String) {
        let bytes = alias.utf8
        guard bytes.starts(with: "reconcile:1 ".utf8) else { return nil }
        let space = UInt8(ascii: " ")
        let start = bytes.index(bytes.startIndex, offsetBy: 12)
        guard let end = bytes[start...].firstIndex(of: space) else { return nil }
        let rest = bytes[bytes.index(after: end)...]
        let resourceEnd = rest.firstIndex(of: space) ?? rest.endIndex
        guard let slash = rest[..<resourceEnd].firstIndex(of: UInt8(ascii: "/")),
            let kind = ResourceID.Kind(rawValue: String(alias[rest.startIndex..<slash])),
            bytes.index(after: slash) < resourceEnd
        else { return nil }
        let name = String(alias[bytes.index(after: slash)..<resourceEnd])
        var network: String?
        var role: String?
        if resourceEnd < rest.endIndex {
            for word in bytes[bytes.index(after: resourceEnd)...].split(separator: space) {
                network = network ?? Self.value(of: word, "network/")
                role = role ?? Self.value(of: word, "role/")
            }
        }
        self.init(
            set: String(alias[start..<end]), resource: ResourceID(kind, name), network: network, role: role)
    }

    private static func value(of word: Substring.UTF8View, _ key: StaticString) -> String? {
        let key = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        return word.starts(with: key) ? String(Substring(word.dropFirst(key.count))) : nil
    }

    /// The alias.
    public var alias: String {
        var text = "reconcile:1 "
        text.reserveCapacity(48)
        text += set
        text += " "
        text += resource.kind.rawValue
        text += "/"
        text += resource.name
        if let network {
            text += " network/"
            text += network
        }
        if let role {
            text += " role/"
            text += role
        }
        return text
    }
}
