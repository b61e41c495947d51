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
    /// Everything of the network that is not an endpoint's.
    static func networkObjects(_ network: ResolvedNetwork, _ context: DriverContext) -> [KernelObject]
    /// Everything of one endpoint, inside its sandbox and outside.
    static func endpointObjects(
        _ endpoint: Endpoint, _ network: ResolvedNetwork, _ context: DriverContext
    ) -> [KernelObject]
    /// The host's own addresses on the network, at which it can serve names, with the objects that make them.
    static func hostAddresses(_ network: ResolvedNetwork) -> [(address: IPAddress, object: ObjectID)]
    /// What would keep the network from working, found before anything is changed.
    static func check(_ network: ResolvedNetwork, _ context: DriverContext) -> [Diagnostic]
    /// The way back: a network from all that is observed of it; `nil` where it is none of this driver's.
    static func recover(_ name: String, _ objects: [KernelObject], _ facts: HostFacts) -> Network?
}

extension NetworkDriver {
    /// Most drivers give each container a sandbox of its own.
    public static var usesHostNamespace: Bool { false }
    /// Where the host has no address there are no names.
    public static func hostAddresses(_ network: ResolvedNetwork) -> [(address: IPAddress, object: ObjectID)] { [] }
    /// Most drivers have nothing to check.
    public static func check(_ network: ResolvedNetwork, _ context: DriverContext) -> [Diagnostic] { [] }
    /// What makes nothing leaves nothing to be recovered.
    public static func recover(_ name: String, _ objects: [KernelObject], _ facts: HostFacts) -> Network? { nil }
}

/// The drivers that there are: a new one is a line here.
public enum DriverRegistry {
    static let all: [any NetworkDriver.Type] = [BridgeDriver.self, HostDriver.self, NoneDriver.self]

    /// The driver of a name; `nil` where this version has none.
    public static func driver(named name: String) -> (any NetworkDriver.Type)? { all.first { $0.name == name } }

    /// The names of all drivers, sorted.
    public static var names: [String] { all.map { $0.name }.sorted() }
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

    /// A context.
    init(set: String, facts: HostFacts, endpoints: [String: [Endpoint]], names: NamePlan) {
        self.set = set
        self.facts = facts
        self.endpoints = endpoints
        self.names = names
    }
}

/// A network whose subnets, gateways and MTU are settled.
public struct ResolvedNetwork: Sendable {
    /// A subnet and what is settled about it.
    public struct Pool: Hashable, Sendable {
        /// The subnet.
        public let prefix: IPPrefix
        /// The gateway's address.
        public let gateway: IPAddress
        /// From here addresses are given out.
        public let range: IPPrefix
        /// Never given out.
        public let reserved: [IPAddress]
    }

    /// As the manifest has it.
    public let network: Network
    /// One pool a family at most.
    public let pools: [Pool]
    /// Bytes.
    public let mtu: Int

    /// Its name.
    public var name: String { network.metadata.name }

    /// The pool of a family.
    public func pool(_ family: IPAddress.Family) -> Pool? { pools.first { $0.prefix.family == family } }

    /// The gateway that containers use in a family; `nil` where the network has no way out.
    public func gateway(_ family: IPAddress.Family) -> IPAddress? {
        network.internal || network.bridge.gatewayMode == .isolated ? nil : pool(family)?.gateway
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
