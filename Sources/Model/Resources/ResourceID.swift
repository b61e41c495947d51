/// The name of something that a manifest describes: `network/front`.
public struct ResourceID: Hashable, Comparable, Sendable {
    /// What manifests can describe.
    public enum Kind: String, Hashable, Comparable, Sendable, CaseIterable {
        case network
        case container
        case service
        /// What networks share on the host (`host/firewall`); no manifest names it.
        case host

        /// Networks before the containers that use them.
        public static func < (left: Kind, right: Kind) -> Bool { left.rank < right.rank }

        fileprivate var rank: Int {
            switch self {
            case .host: 0
            case .network: 1
            case .container: 2
            case .service: 3
            }
        }
    }

    /// network, container or service.
    public let kind: Kind
    /// `metadata.name`: one DNS label.
    public let name: String

    /// The resource of a kind and name.
    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    /// A network.
    public static func network(_ name: String) -> ResourceID { ResourceID(.network, name) }
    /// What networks share on the host.
    public static func host(_ name: String) -> ResourceID { ResourceID(.host, name) }
    /// A container.
    public static func container(_ name: String) -> ResourceID { ResourceID(.container, name) }
    /// A service.
    public static func service(_ name: String) -> ResourceID { ResourceID(.service, name) }

    /// The same kind and name.
    public static func == (left: ResourceID, right: ResourceID) -> Bool {
        left.kind.rank == right.kind.rank && left.name == right.name
    }

    /// By kind and name. A kind's own hash would be that of its text.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind.rank)
        hasher.combine(name)
    }

    /// By kind, then name.
    public static func < (left: ResourceID, right: ResourceID) -> Bool {
        left.kind == right.kind ? left.name < right.name : left.kind < right.kind
    }
}

extension ResourceID: CustomStringConvertible, LosslessStringConvertible {
    /// Reads `kind/name`, the kind in any case; `nil` for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, let kind = Kind(rawValue: parts[0].lowercased()) else { return nil }
        self.init(kind, String(parts[1]))
    }

    /// `kind/name`.
    public var description: String { "\(kind.rawValue)/\(name)" }
}
