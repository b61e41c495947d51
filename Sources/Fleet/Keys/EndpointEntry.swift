import Model

/// An endpoint of an overlay network: where its packets have to go. It goes when its node's lease ends.
public struct EndpointEntry: Hashable, Sendable {
    /// The network.
    public var network: String
    /// The node on which it is.
    public var node: String
    /// The container whose it is, or `ingress`.
    public var container: String
    /// Its addresses on the network, one a family at most.
    public var addresses: [IPAddress]
    /// Its link-layer address.
    public var mac: MACAddress
    /// Further names that it answers to.
    public var aliases: [String]
    /// The service of which it is a replica.
    public var service: String?
    /// Whether its checks succeed; where it has none it is.
    public var isHealthy: Bool

    /// An endpoint by its parts.
    public init(
        network: String, node: String, container: String, addresses: [IPAddress], mac: MACAddress,
        aliases: [String] = [], service: String? = nil, isHealthy: Bool = true
    ) {
        self.network = network
        self.node = node
        self.container = container
        self.addresses = addresses
        self.mac = mac
        self.aliases = aliases
        self.service = service
        self.isHealthy = isHealthy
    }

    init?(network: String, node: String, container: String, _ item: EtcdKeyValue) {
        guard let json = item.json, let mac = json["mac"]?.string.flatMap({ MACAddress($0) }) else { return nil }
        self.init(
            network: network, node: node, container: container,
            addresses: (json["addresses"]?.array ?? []).compactMap { $0.string.flatMap { IPAddress($0) } }, mac: mac,
            aliases: (json["aliases"]?.array ?? []).compactMap(\.string), service: json["service"]?.string,
            isHealthy: json["healthy"]?.bool ?? true)
    }

    /// The key in etcd, below the fleet's prefix.
    var path: String { "endpoints/\(network)/\(node)/\(container)" }

    /// The value in etcd.
    var json: JSONValue {
        [
            "version": 1, "addresses": .strings(addresses.map(\.description)), "mac": .string(mac.description),
            "aliases": .strings(aliases), "service": .optional(service), "healthy": .bool(isHealthy),
        ]
    }
}
