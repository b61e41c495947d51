import Model

/// What a node knows of its fleet: read beforehand like all facts, so that drivers stay pure.
///
/// `nil` in ``HostFacts/fleet`` where the host is in no fleet; everything works on one host then.
public struct FleetFacts: Hashable, Sendable {
    /// A live node, this one included.
    public struct Node: Hashable, Sendable {
        /// Its name in the fleet.
        public var name: String
        /// The address that its tunnels end at (VTEP, RFC 7348), of either family.
        public var tunnel: IPAddress
        /// Its labels, which `nodeSelector` matches.
        public var labels: [String: String]

        /// A node.
        public init(name: String, tunnel: IPAddress, labels: [String: String] = [:]) {
            self.name = name
            self.tunnel = tunnel
            self.labels = labels
        }
    }

    /// An endpoint of an overlay network on another node: a container's, or the node's own where it lets traffic in.
    public struct RemoteEndpoint: Hashable, Sendable {
        /// The container's name; `nil` for the node's own address on the network.
        public var container: String?
        /// The node that it is on.
        public var node: String
        /// Its addresses, one a family at most.
        public var addresses: [IPAddress]
        /// Its hardware address.
        public var mac: MACAddress
        /// Further names on the network; that of its service is not among them.
        public var aliases: [String]
        /// Whether its node says that it is well: traffic for its service is led to it, and the service's name is its own.
        public var isReady: Bool
        /// The service of which it is a replica, by its name.
        public let service: String?

        /// An endpoint elsewhere.
        public init(
            container: String?, node: String, addresses: [IPAddress], mac: MACAddress, aliases: [String] = [],
            isReady: Bool = true
        ) {
            self.container = container
            self.node = node
            self.addresses = addresses
            self.mac = mac
            self.aliases = aliases
            self.isReady = isReady
            service = container.flatMap { ReplicaName($0)?.service }
        }

        /// All that it is called beside its own name.
        var names: [String] {
            guard isReady, let service, !aliases.contains(service) else { return aliases }
            return aliases + [service]
        }
    }

    /// This node's name.
    public var node: String
    /// Where tunnels to this node are to end, where that was given to its agent.
    public var tunnel: IPAddress?
    /// Whether anything was heard of the fleet since this node's agent began. Until then nothing of the networks that are
    /// one on all nodes is touched: what was there goes on.
    public var isKnown = true
    /// Whether these are facts that are only expected: what is free counts as claimed, since agents claim it before they
    /// use it.
    public var isExpected = false
    /// The live nodes, in the order of their names.
    public var nodes: [Node]
    /// The VXLAN network identifiers that overlay networks have by claim, by the network's name.
    public var vnis: [String: UInt32]
    /// The addresses that this node's own endpoints on overlay networks have by claim.
    public var claimed: [EndpointKey: EndpointFacts]
    /// This node's own addresses on overlay networks, by the network's name: the source of what it lets in.
    public var ingress: [String: [IPAddress]]
    /// Further addresses that are not to be given out, by the network's name: others have them by claim.
    public var reserved: [String: Set<IPAddress>] = [:]
    /// The endpoints on other nodes, by the network's name, in the order of their addresses.
    public var remote: [String: [RemoteEndpoint]]
    /// Which replicas this node runs, by the service's name, in their order.
    public var replicas: [String: [Int]]

    /// Facts of a fleet.
    public init(
        node: String, nodes: [Node] = [], vnis: [String: UInt32] = [:], claimed: [EndpointKey: EndpointFacts] = [:],
        ingress: [String: [IPAddress]] = [:], remote: [String: [RemoteEndpoint]] = [:], replicas: [String: [Int]] = [:]
    ) {
        self.node = node
        self.nodes = nodes
        self.vnis = vnis
        self.claimed = claimed
        self.ingress = ingress
        self.remote = remote
        self.replicas = replicas
    }
}
