import Model

/// The resources of which drift is reported and not repaired.
public enum DetectOnly: Hashable, Sendable {
    /// Drift of all resources is repaired.
    case none
    /// Drift is repaired nowhere.
    case all
    /// Of these it is not.
    case some(Set<ResourceID>)

    /// True where drift is repaired everywhere.
    public var isEmpty: Bool { self == .none || self == .some([]) }

    /// Whether drift of a resource is only reported.
    public func contains(_ resource: ResourceID) -> Bool {
        switch self {
        case .none: false
        case .all: true
        case .some(let resources): resources.contains(resource)
        }
    }
}
