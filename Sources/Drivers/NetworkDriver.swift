import Model

/// Turns a network and its endpoints into the kernel objects that should exist. Pure: no input, no output, no state.
///
/// A driver never asks whether something exists: it says what should, and the engine compares.
public protocol NetworkDriver: Sendable {
    /// The name in `spec.driver`.
    static var name: String { get }
    /// True where containers on such a network share the host's network namespace.
    static var usesHostNamespace: Bool { get }
    /// True where its networks have subnets and addresses.
    static var hasAddresses: Bool { get }
    /// What all networks of the driver together need of the host, before anything of one of them.
    static func hostObjects(_ networks: [ResolvedNetwork], _ context: DriverContext) -> [KernelObject]
    /// What keeps networks of the driver from being beside each other.
    static func conflicts(_ networks: [ResolvedNetwork], _ facts: HostFacts) -> [Diagnostic]
    /// Everything of the network that is not an endpoint's.
    static func networkObjects(_ network: ResolvedNetwork, _ context: DriverContext) -> [KernelObject]
    /// Everything of one endpoint, inside its sandbox and outside.
    static func endpointObjects(
        _ endpoint: Endpoint, _ network: ResolvedNetwork, _ context: DriverContext
    ) -> [KernelObject]
    /// Everything of endpoints on other nodes that this node needs in order to reach them. `network` is made of it, too.
    static func remoteObjects(
        _ endpoints: [FleetFacts.RemoteEndpoint], _ network: ResolvedNetwork, _ facts: HostFacts
    ) -> [KernelObject]
    /// The host's own addresses on the network, at which it can serve names, with the objects that make them.
    static func hostAddresses(_ network: ResolvedNetwork) -> [(address: IPAddress, object: ObjectID)]
    /// What would keep the network from working, found before anything is changed.
    static func check(_ network: ResolvedNetwork, _ context: DriverContext) -> [Diagnostic]
    /// Whether a subnet without a gateway gets one, at its first address.
    static var choosesGateway: Bool { get }
    /// Whether the host forwards for its networks: then the firewalls of others on the host matter to them.
    static var forwards: Bool { get }
    /// Whether a network is one on all nodes of a fleet: then its subnets and addresses are agreed on among them.
    static var spansNodes: Bool { get }
    /// Whether ports can be published at the host's addresses.
    static var publishesPorts: Bool { get }
    /// Whether each container's link has a MAC of its own.
    static func hasOwnMAC(_ network: Network) -> Bool
    /// Whether a network has no way out.
    static func isInternal(_ network: Network) -> Bool
    /// Whether a default route leads to nobody in particular: then it needs no gateway.
    static func routesWithoutGateway(_ network: Network) -> Bool
    /// The MTU by default, in bytes, and the link that it follows, in words.
    static func mtu(_ network: Network, _ facts: HostFacts) -> (bytes: Int, of: String)
    /// The links of the host that the manifest names for the network to sit on.
    static func parents(_ network: Network) -> [String]
    /// The kinds of links (rtnetlink's names) that not every kernel has and the network needs.
    static func linkKinds(_ network: Network, _ facts: HostFacts) -> [String]
    /// Why links of the network cannot be made on this host. Those that are there stay as they are.
    static func obstacles(_ network: ResolvedNetwork, _ facts: HostFacts, isMade: (ObjectID) -> Bool) -> [Diagnostic]
    /// What `inspect` shows of the driver's options.
    static func options(_ network: Network, _ facts: HostFacts) -> [JSONValue.Member]
    /// The way back: a network from all that is observed of it; `nil` where it is none of this driver's.
    static func recover(_ name: String, _ objects: [KernelObject], _ facts: HostFacts) -> Network?
}

extension NetworkDriver {
    /// Most drivers give each container a sandbox of its own.
    public static var usesHostNamespace: Bool { false }
    /// Most drivers need nothing.
    public static func hostObjects(_ networks: [ResolvedNetwork], _ context: DriverContext) -> [KernelObject] { [] }
    /// Most networks are a node's own.
    public static func remoteObjects(
        _ endpoints: [FleetFacts.RemoteEndpoint], _ network: ResolvedNetwork, _ facts: HostFacts
    ) -> [KernelObject] { [] }
    /// Most networks do not mind each other.
    public static func conflicts(_ networks: [ResolvedNetwork], _ facts: HostFacts) -> [Diagnostic] { [] }
    /// Most drivers leave the host out of it.
    public static var forwards: Bool { false }
    /// Most networks are a node's own.
    public static var spansNodes: Bool { false }
    /// Where the host has no address there are no names.
    public static func hostAddresses(_ network: ResolvedNetwork) -> [(address: IPAddress, object: ObjectID)] { [] }
    /// Most drivers have nothing to check.
    public static func check(_ network: ResolvedNetwork, _ context: DriverContext) -> [Diagnostic] { [] }
    /// Most drivers route, and choose who does.
    public static var choosesGateway: Bool { true }
    /// Most drivers translate.
    public static var publishesPorts: Bool { true }
    /// Most links have one.
    public static func hasOwnMAC(_ network: Network) -> Bool { true }
    /// Most networks are as they are asked for.
    public static func isInternal(_ network: Network) -> Bool { network.internal }
    /// Most networks are left by a gateway.
    public static func routesWithoutGateway(_ network: Network) -> Bool { false }
    /// Most networks lead out over the default route's link.
    public static func mtu(_ network: Network, _ facts: HostFacts) -> (bytes: Int, of: String) {
        (facts.defaultMTU, facts.defaultLink)
    }
    /// Most networks sit on nothing.
    public static func parents(_ network: Network) -> [String] { [] }
    /// Most drivers use what every kernel has that runs containers.
    public static func linkKinds(_ network: Network, _ facts: HostFacts) -> [String] { [] }
    /// Most networks stand on nothing of others.
    public static func obstacles(
        _ network: ResolvedNetwork, _ facts: HostFacts, isMade: (ObjectID) -> Bool
    ) -> [Diagnostic] { [] }
    /// Most drivers have no options.
    public static func options(_ network: Network, _ facts: HostFacts) -> [JSONValue.Member] { [] }
    /// What makes nothing leaves nothing to be recovered.
    public static func recover(_ name: String, _ objects: [KernelObject], _ facts: HostFacts) -> Network? { nil }
}

/// The drivers that there are: a new one is a line here.
public enum DriverRegistry {
    static let all: [any NetworkDriver.Type] = [
        MacvlanDriver.self, IpvlanDriver.self, OverlayDriver.self, BridgeDriver.self, HostDriver.self, NoneDriver.self,
    ]

    /// The driver of a name; `nil` where this version has none.
    public static func driver(named name: String) -> (any NetworkDriver.Type)? { all.first { $0.name == name } }

    /// The names of all drivers, sorted.
    public static var names: [String] { all.map { $0.name }.sorted() }

    /// The links of the host that some networks sit on, with those below the VLANs among them.
    public static func parents(_ networks: [Network]) -> Set<String> {
        let named = networks.flatMap { driver(named: $0.driver)?.parents($0) ?? [] }
        return Set(named + named.compactMap { VLANName($0)?.base })
    }

    /// What `inspect` shows of the options of a network's driver.
    public static func options(of network: Network, _ facts: HostFacts) -> [JSONValue.Member] {
        driver(named: network.driver)?.options(network, facts) ?? []
    }

    /// The kinds of links that not every kernel has and some networks need.
    public static func linkKinds(_ networks: [Network], _ facts: HostFacts) -> Set<String> {
        Set(networks.flatMap { driver(named: $0.driver)?.linkKinds($0, facts) ?? [] })
    }
}

/// What drivers are given besides the network: the set, the host, and the whole of which they make a part.
public struct DriverContext: Sendable {
    /// The ownership set.
    public let set: String
    /// The host.
    public let facts: HostFacts
    /// All endpoints, by network.
    public let endpoints: [String: [Endpoint]]
    /// Which names are served where.
    let names: NamePlan
    /// The networks by which services' ports lead to their replicas.
    public let published: Set<String>
    /// The replicas on this node to which services' ports lead.
    public let balanced: Set<String>
}

/// A network whose subnets, gateways and MTU are settled.
public struct ResolvedNetwork: Sendable {
    /// A subnet and what is settled about it.
    public struct Pool: Hashable, Sendable {
        /// The subnet.
        public let prefix: IPPrefix
        /// The gateway's address; `nil` where the network has none that is known.
        public let gateway: IPAddress?
        /// From here addresses are given out.
        public let range: IPPrefix
        /// Never given out.
        public let reserved: [IPAddress]
    }

    /// As the manifest has it.
    public internal(set) var network: Network
    /// One pool a family at most.
    public let pools: [Pool]
    /// Bytes.
    public let mtu: Int
    /// The fields of its links that follow another link, by that link's name.
    let follows: [FieldName: String]
    /// Where its manifest has the other fields of its containers' links.
    let linkSources: [FieldName: SourcePosition]
    /// There is no way out.
    public let isInternal: Bool
    /// A default route leads out without a gateway.
    public let routesWithoutGateway: Bool

    init(_ network: Network, _ driver: any NetworkDriver.Type, pools: [Pool] = [], _ facts: HostFacts) {
        self.network = network
        self.pools = pools
        let usual = driver.mtu(network, facts)
        mtu = network.mtu ?? usual.bytes
        follows = network.mtu == nil ? [.mtu: usual.of] : [:]
        linkSources = network.metadata.fieldPositions["mtu"].map { [.mtu: $0] } ?? [:]
        isInternal = driver.isInternal(network)
        routesWithoutGateway = driver.routesWithoutGateway(network)
    }

    /// Its name.
    public var name: String { network.metadata.name }

    /// Whether it is one on all nodes of a fleet.
    public var spansNodes: Bool { DriverRegistry.driver(named: network.driver)?.spansNodes ?? false }

    /// The pool of a family.
    public func pool(_ family: IPAddress.Family) -> Pool? { pools.first { $0.prefix.family == family } }

    /// The gateway that containers use in a family; `nil` where the network has no way out.
    public func gateway(_ family: IPAddress.Family) -> IPAddress? {
        isInternal || routesWithoutGateway || network.bridge.gatewayMode[family] == .isolated
            ? nil : pool(family)?.gateway
    }

    /// Whether a default route of a family can lead over the network.
    public func leadsOut(_ family: IPAddress.Family) -> Bool {
        gateway(family) != nil || routesWithoutGateway && !isInternal && pool(family) != nil
    }
}

/// One container on one network, with all that is settled about it. A class, since it is handed on many times and holds
/// a whole container.
public final class Endpoint: Sendable {
    /// The container.
    public let container: Container
    /// As the manifest has it.
    public let attachment: Attachment
    /// Where in `spec.networks`.
    public let index: Int
    /// The interface's name in the sandbox.
    public let interface: String
    /// Its addresses with the subnet's length: one a family at most.
    public let addresses: [IPPrefix]
    /// Its hardware address.
    public let mac: MACAddress
    /// The families whose default route leads over this endpoint.
    public let defaultRoutes: [IPAddress.Family]
    /// The ports that are published on this endpoint's addresses.
    public let ports: [PublishedPort]

    init(
        container: Container, attachment: Attachment, index: Int, interface: String, addresses: [IPPrefix],
        mac: MACAddress, defaultRoutes: [IPAddress.Family], ports: [PublishedPort]
    ) {
        self.container = container
        self.attachment = attachment
        self.index = index
        self.interface = interface
        self.addresses = addresses
        self.mac = mac
        self.defaultRoutes = defaultRoutes
        self.ports = ports
    }

    /// The address of a family.
    public func address(_ family: IPAddress.Family) -> IPAddress? { addresses.first { $0.family == family }?.address }
}
