/// `kind: Network`: a segment that containers attach to, made by a driver.
public struct Network: Hashable, Sendable {
    /// Name, labels, positions.
    public var metadata: Metadata
    /// The driver's name: `bridge`, `host`, `none`, …
    public var driver: String
    /// The subnets asked for; empty: one is chosen from the pools.
    public var subnets: [Subnet]
    /// Has an IPv4 subnet, chosen where none is given; `false`: IPv6 alone.
    public var ipv4 = true
    /// Asks for an IPv6 subnet where none is given: a unique local /64 (RFC 4193).
    public var ipv6: Bool
    /// No way out of the network.
    public var `internal`: Bool
    /// Bytes; `nil`: that of the parent, or of the default route's link.
    public var mtu: Int?
    /// Options of the driver `bridge`.
    public var bridge: BridgeOptions
    /// Options of the driver `macvlan`.
    public var macvlan = MacvlanOptions()
    /// Options of the driver `ipvlan`.
    public var ipvlan = IpvlanOptions()
    /// Options of the driver `overlay`.
    public var overlay = OverlayOptions()
    /// Only on nodes whose labels match.
    public var nodeSelector: [String: String]

    /// A network; every field but the name has Docker's default.
    public init(
        metadata: Metadata, driver: String = "bridge", subnets: [Subnet] = [], ipv6: Bool = false,
        internal: Bool = false, mtu: Int? = nil, bridge: BridgeOptions = BridgeOptions(),
        nodeSelector: [String: String] = [:]
    ) {
        self.metadata = metadata
        self.driver = driver
        self.subnets = subnets
        self.ipv6 = ipv6
        self.internal = `internal`
        self.mtu = mtu
        self.bridge = bridge
        self.nodeSelector = nodeSelector
    }

    /// `network/NAME`.
    public var id: ResourceID { .network(metadata.name) }
}

/// One subnet of a network.
public struct Subnet: Hashable, Sendable {
    /// The subnet; its host bits are zero.
    public var prefix: IPPrefix
    /// The gateway asked for; `nil`: the first address on a bridge, none elsewhere.
    public var gateway: IPAddress?
    /// Only from here are addresses given out; `nil`: the whole subnet.
    public var range: IPPrefix?
    /// Addresses never given out.
    public var reserved: [IPAddress]

    /// A subnet.
    public init(prefix: IPPrefix, gateway: IPAddress? = nil, range: IPPrefix? = nil, reserved: [IPAddress] = []) {
        self.prefix = prefix
        self.gateway = gateway
        self.range = range
        self.reserved = reserved
    }
}
