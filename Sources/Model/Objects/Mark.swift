/// How the kernel itself says that an object is ours, and whose.
///
/// Links, and the `lo` of a sandbox, carry the text of a mark as their alias: `reconcile:1 SET KIND/NAME …`.
public struct Mark: Hashable, Sendable {
    /// The group that each of our links is created with, so that none exists unmarked even for an instant ("rc").
    public static let linkGroup: UInt32 = 0x7263
    /// IFA_PROTO of our addresses, and the protocol of our routes and neighbours.
    public static let `protocol`: UInt8 = 82

    /// The ownership set.
    public let set: String
    /// Whom it belongs to.
    public let resource: ResourceID
    /// The network of an endpoint's link; `nil` on other links.
    public let network: String?

    /// A mark.
    public init(set: String, resource: ResourceID, network: String? = nil) {
        self.set = set
        self.resource = resource
        self.network = network
    }

    /// Reads a link's alias; `nil` where it is no mark of ours.
    public init?(alias: String) {
        let words = alias.split(separator: " ")
        guard words.count >= 3, words[0] == "reconcile:1", let resource = ResourceID(String(words[2])) else {
            return nil
        }
        let network = words.dropFirst(3).first { $0.hasPrefix("network/") }
        self.init(set: String(words[1]), resource: resource, network: network.map { String($0.dropFirst(8)) })
    }

    /// The alias.
    public var alias: String { "reconcile:1 \(set) \(resource)" + (network.map { " network/\($0)" } ?? "") }
}
