import Model

/// The keys of a fleet in etcd.
public struct FleetKeys: Hashable, Sendable {
    /// What all of them begin with: `/reconcile/FLEET/`.
    public let prefix: String

    /// The keys of a fleet.
    public init(fleet: String) { prefix = "/reconcile/\(fleet)/" }

    /// What a key is about.
    enum Meaning: Hashable {
        case node(String)
        case claim(ClaimKey)
        case endpoint(network: String, node: String, container: String)
        case rollout(String)
        case renewal(String)
    }

    func node(_ name: String) -> String { prefix + "nodes/" + name }
    func claim(_ key: ClaimKey) -> String { prefix + key.path }
    func endpoint(_ endpoint: EndpointEntry) -> String { prefix + endpoint.path }
    func addresses(of network: String) -> String { prefix + "claims/addresses/\(network)/" }
    func rollout(_ name: String) -> String { prefix + "rollout/" + name }
    func renewal(_ node: String) -> String { prefix + "renewals/" + node }

    /// Reads a key; `nil` for what is not of this fleet, or what this version does not know.
    func meaning(_ key: String) -> Meaning? {
        guard key.hasPrefix(prefix) else { return nil }
        let path = key.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        switch (path.first, path.count) {
        case ("nodes", 2): return .node(String(path[1]))
        case ("endpoints", 4):
            return .endpoint(network: String(path[1]), node: String(path[2]), container: String(path[3]))
        case ("renewals", 2): return .renewal(String(path[1]))
        case ("rollout", 2): return .rollout(String(path[1]))
        case ("rollout", 3) where path[1] == "nodes": return .rollout("nodes/" + path[2])
        default: return ClaimKey(path: path).map { .claim($0) }
        }
    }
}
