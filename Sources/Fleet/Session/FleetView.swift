import Model

/// All that is known of a fleet, at one revision of etcd. Where etcd is away it is what was known last.
public struct FleetView: Sendable {
    /// Whether it is up to date.
    public enum Connection: Hashable, Sendable {
        /// Nothing has been heard yet.
        case connecting
        /// It is, and this node is a live member.
        case connected
        /// It is not, since then (milliseconds since 1970, by this host's clock).
        case disconnected(since: Int64)
        /// This node has left the fleet: its credentials are gone.
        case left
    }

    /// The fleet's name.
    public let fleet: String
    /// This node's name.
    public let node: String
    /// Whether it is up to date.
    public internal(set) var connection = Connection.connecting
    /// What is wrong with etcd or with this node's membership; `nil` where nothing is. It can stand beside
    /// ``Connection/connected``: a full etcd can be read.
    public internal(set) var problem: Diagnostic?
    /// The revision of etcd; 0 before anything was heard.
    public internal(set) var revision: Int64 = 0
    /// This node's lease; 0 for none.
    public internal(set) var lease: Int64 = 0
    /// The live members by name.
    public internal(set) var nodes: [String: NodeEntry] = [:]
    /// Who holds what.
    public internal(set) var claims = ClaimTable()
    /// The endpoints by network, then by `NODE/CONTAINER`.
    public internal(set) var endpoints: [String: [String: EndpointEntry]] = [:]
    /// The revision in which each network's endpoints last changed, so that what did not change need not be looked at.
    public internal(set) var endpointRevisions: [String: Int64] = [:]
    /// What the rollout keeps.
    public internal(set) var rollout: [String: RolloutValue] = [:]
    /// Certificates that the authority has renewed, by node, as PEM: public, and of use only to who has the key.
    var renewals: [String: String] = [:]

    /// A view of which nothing is known yet.
    public init(fleet: String, node: String) {
        self.fleet = fleet
        self.node = node
    }

    /// The endpoints of a network in a settled order.
    public func endpoints(of network: String) -> [EndpointEntry] {
        (endpoints[network] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
    }

    /// What this node holds.
    public var own: [Claim] { claims.values.filter { $0.node == node } }
}
