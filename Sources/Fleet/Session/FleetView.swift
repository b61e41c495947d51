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
    /// Whether this node's agent was not let in yet, and may never be, since another machine has its name: then what is known
    /// of the node may be that one's. Only an agent has to be let in; whoever only looks is not outside.
    public internal(set) var isOutside = false
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
    /// What changed last, oldest first: a bounded number of changes. For those that follow the view and do not want to go
    /// through all of it each time.
    public internal(set) var recent: [Recent] = []
    /// The revision after which ``recent`` has all changes.
    public internal(set) var recentSince: Int64 = 0
    /// What the rollout keeps.
    public internal(set) var rollout: [String: RolloutValue] = [:]
    /// Certificates that the authority has renewed, by node, as PEM: public, and of use only to who has the key.
    var renewals: [String: String] = [:]

    /// A change, by its key.
    public struct Recent: Hashable, Sendable {
        /// What changed.
        public enum Key: Hashable, Sendable {
            /// An endpoint; `name` is that in ``FleetView/endpoints``.
            case endpoint(network: String, name: String)
            /// Who holds something.
            case claim(ClaimKey)
            /// A node, or something else.
            case other
        }

        /// The revision of the change.
        public let revision: Int64
        /// What changed.
        public let key: Key
    }

    /// What changed after a revision, oldest first; `nil` where that is not known any more.
    public func changes(since revision: Int64) -> ArraySlice<Recent>? {
        guard revision >= recentSince else { return nil }
        return recent[(recent.lastIndex { $0.revision <= revision }.map { $0 + 1 } ?? 0)...]
    }

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
